import { addDays, type After, type Hub } from '../../platform';
import { type DayOf, type DayRow, type DayStore, type Dirty } from './day.store';
import { DayTelling } from './day-telling';
import type { DayLore, TrackLore } from './day.lore';
import { gapRow, speedingRow, stopRow, tripRow } from './day.rows';
import type { FenceVisitsService } from './fence-visits.service';
import type { JourneyStore, JourneyTable, Reconciled } from './journey.store';
import type { KeepingService } from './keeping.service';
import { GAP_MS } from './meter.policy';
import type { MileageService } from './mileage.service';
import { COARSE_M, type TrackFix } from './sieve.policy';
import { type DaySum, TrackDay } from './track-day.policy';

const DAYS_A_ROUND = 20;
const SWEPT_AT_ONCE = 500;

interface Uses {
  readonly days: DayStore;
  readonly journeys: JourneyStore;
  readonly lore: DayLore;
  readonly fenceVisits: FenceVisitsService;
  readonly mileage: MileageService;
  readonly keeping: KeepingService;
}

interface Made {
  readonly track: TrackDay;
  readonly sum: DaySum;
  readonly fixes: readonly TrackFix[];
  readonly way: readonly TrackFix[];
  readonly coarseAt: readonly number[];
  readonly goesOn: boolean;
}

/** Makes days anew from all their stored fixes: the same rows, whatever came in which order and however often. */
export class DaysService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  /** One round over days that are due. @returns whether more is waiting */
  async compute(): Promise<boolean> {
    const due = await this.uses.days.due(DAYS_A_ROUND);
    for (const dirty of due) await this.make(dirty);
    return due.length === DAYS_A_ROUND;
  }

  /** Days on which something goes on, and of which nothing was heard for an hour, are to be ended. */
  async sweep(): Promise<void> {
    const open = await this.uses.days.open(new Date(this.hub.now().getTime() - GAP_MS), SWEPT_AT_ONCE);
    await this.uses.days.soil(open.map((day) => ({ ...day, isLate: false })));
  }

  private async make(dirty: Dirty): Promise<void> {
    const { orgId, trackableId, date } = dirty;
    const [lore] = await this.uses.lore.of(orgId, [trackableId]);
    await this.hub.transact(async (after) => {
      if (lore && (await this.mayChange(dirty, lore))) {
        const zone = lore.calendar.zoneOf(date);
        const [row] = await this.uses.days.lock(orgId, [{ trackableId, date, zone }]);
        if (row) await this.put(dirty, row, lore, after);
      } else await this.uses.days.shut(dirty);
      await this.uses.days.clean(dirty);
    });
  }

  /** Neither is its month closed, nor are its fixes something else than they were. */
  private async mayChange(day: DayOf, { calendar }: TrackLore): Promise<boolean> {
    if (await this.uses.mileage.isClosed(day)) return false;
    const [from, to] = [calendar.startOf(day.date), calendar.startOf(addDays(day.date, 1))];
    return !(await this.uses.keeping.isCoarse(day.orgId, day.trackableId, from, to));
  }

  private async put(dirty: Dirty, row: DayRow, lore: TrackLore, after: After): Promise<void> {
    const { orgId, date } = dirty;
    const { trackable } = lore;
    const day = { orgId, trackableId: trackable.id, date };
    const made = await this.read(day, lore);
    const told = await this.replace(day, lore, made);
    const isLate = dirty.isLate === 1;
    // What nobody knew before is no correction.
    const isCorrected =
      isLate && row.lastAt !== null && [told.trips, told.stops, told.gaps, told.speedings].some(contradicts);
    const revision = isCorrected ? row.revision + 1 : row.revision;
    const telling = new DayTelling(after);
    if (isCorrected) telling.correction(trackable, day, revision, told.trips);
    else telling.progress(trackable, told);
    await this.uses.days.keep(orgId, [
      { ...day, revision, sum: made.sum, state: made.track.state, isOpen: made.goesOn },
    ]);
    await this.uses.fenceVisits.take({ orgId, trackable, date, fixes: made.fixes, isAnew: true }, after);
    if (JSON.stringify(made.sum.tail) !== JSON.stringify(row.tail)) await this.passOn(day, isLate);
  }

  private async read(day: DayOf, { trackable, calendar, rules }: TrackLore): Promise<Made> {
    const { orgId, date } = day;
    const [before] = await this.uses.days.days(orgId, [{ trackableId: trackable.id, date: addDays(date, -1) }]);
    const way: TrackFix[] = [];
    const track = new TrackDay(rules, undefined, (fix) => way.push(fix));
    if (before?.tail) track.follow(before.tail);
    const fixes: TrackFix[] = [];
    const coarseAt: number[] = [];
    const from = calendar.startOf(date).getTime();
    const to = calendar.startOf(addDays(date, 1)).getTime();
    for await (const fix of this.uses.days.fixes(orgId, trackable.id, from, to)) {
      fixes.push(fix);
      if (fix.accuracy > COARSE_M) coarseAt.push(fix.at);
      track.add(fix);
    }
    const sum = track.sum();
    const goesOn = this.goesOn(sum, to);
    return { track, sum: goesOn ? sum : ended(sum), fixes, way, coarseAt, goesOn };
  }

  /** What goes on ends with the day, and with a silence of an hour. */
  private goesOn({ lastAt }: DaySum, endOfDay: number): boolean {
    const now = this.hub.now().getTime();
    return now < endOfDay && lastAt !== null && now - lastAt <= GAP_MS;
  }

  private async replace(day: DayOf, { fences, driverAt }: TrackLore, { sum, way, coarseAt }: Made) {
    const { journeys } = this.uses;
    const put = (table: JourneyTable, rows: Parameters<JourneyStore['replace']>[2]) =>
      journeys.replace(day, table, rows);
    const trips = sum.trips.map((trip) =>
      tripRow(trip, {
        fences,
        driverId: driverAt(trip.startAt),
        state: trip.isOpen ? 'open' : 'closed',
        ...(!trip.isOpen && { way: way.filter(({ at }) => at >= trip.startAt && at <= trip.endAt) }),
      }),
    );
    return {
      trips: await put('trips', trips),
      stops: await put(
        'track_stops',
        sum.stops.map((stop) => stopRow(stop, fences)),
      ),
      gaps: await put(
        'track_gaps',
        sum.gaps.map((gap) =>
          gapRow(
            gap,
            coarseAt.some((at) => at > gap.startAt && at < gap.endAt),
          ),
        ),
      ),
      speedings: await put('speed_events', sum.speedings.map(speedingRow)),
    };
  }

  /** The next day goes on from where this one ends. */
  private async passOn({ orgId, trackableId, date }: DayOf, isLate: boolean): Promise<void> {
    const next = { orgId, trackableId, date: addDays(date, 1) };
    const [row] = await this.uses.days.days(orgId, [next]);
    if (row) await this.uses.days.soil([{ ...next, isLate }]);
  }
}

/** Whether rows now say otherwise than before: what went on may end, and what is new may come. */
const contradicts = ({ changes, gone }: Reconciled): boolean =>
  gone.length > 0 || changes.some(({ kind, wasOpen }) => kind === 'added' || (kind === 'changed' && !wasOpen));

function ended(sum: DaySum): DaySum {
  const end = <T extends { isOpen: boolean }>(all: readonly T[]) => all.map((one) => ({ ...one, isOpen: false }));
  return { ...sum, trips: end(sum.trips), stops: end(sum.stops), speedings: end(sum.speedings) };
}
