import { addDays, type After, type Hub, grouped } from '../../platform';
import { type DayRow, type DayStore, type Queued } from './day.store';
import { DayTelling } from './day-telling';
import type { DayLore, TrackLore } from './day.lore';
import { gapRow, speedingRow, stopRow, tripRow } from './day.rows';
import type { FenceVisitsService } from './fence-visits.service';
import type { JourneyStore } from './journey.store';
import type { TrackFix } from './sieve.policy';
import { TrackDay } from './track-day.policy';

const DAY_MS = 86_400_000;
const TRACKS_A_ROUND = 100;
/** More than this at once is not driving but handing in: the day is made anew from its fixes. */
const FIXES_A_ROUND = 10_000;

/** Fixes of one track and local date that nobody added up yet. */
interface Growth {
  readonly lore: TrackLore;
  readonly date: string;
  readonly since: number;
}

interface Uses {
  readonly days: DayStore;
  readonly journeys: JourneyStore;
  readonly lore: DayLore;
  readonly fenceVisits: FenceVisitsService;
}

/** Days that go on: what comes in order is added to what is known, and what comes late makes its day dirty. */
export class LiveDaysService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  /** One round over tracks that grew. @returns whether more is waiting */
  async follow(): Promise<boolean> {
    const queued = await this.uses.days.queued(TRACKS_A_ROUND);
    const failures: unknown[] = [];
    for (const [orgId, rows] of grouped(queued, (row) => row.orgId))
      await this.followSome(orgId, rows).catch((error: unknown) => failures.push(error));
    // Said when the others had their turn: what is wrong with one organisation's tracks must not hold up all.
    if (failures.length > 0) throw failures[0];
    return queued.length === TRACKS_A_ROUND;
  }

  private async followSome(orgId: string, queued: readonly Queued[]): Promise<void> {
    await this.hub.transact(async (after) => {
      // What another worker holds is that one's to go on with; two on the same days would only shoot each other.
      const mine = await this.uses.days.claim(queued);
      if (mine.length === 0) return;
      const ids = [...new Set(mine.map(({ trackableId }) => trackableId))];
      const lore = new Map((await this.uses.lore.of(orgId, ids)).map((one) => [one.trackable.id, one]));
      const newest = await this.uses.days.newestDates(orgId, ids);
      const growing: Growth[] = [];
      const late: Growth[] = [];
      for (const growth of mine.flatMap((row) => growthOf(row, lore.get(row.trackableId))))
        if (growth.date < (newest.get(growth.lore.trackable.id) ?? '')) late.push(growth);
        else growing.push(growth);
      const more = await this.grow(orgId, growing, after);
      const soiled = [...late, ...more].map(({ lore: { trackable }, date }) => ({
        orgId,
        trackableId: trackable.id,
        date,
        isLate: true,
      }));
      await this.uses.days.soil(soiled);
      await this.uses.days.dequeue(mine);
    });
  }

  /** @returns those that cannot just grow */
  private async grow(orgId: string, growing: readonly Growth[], after: After): Promise<Growth[]> {
    const spans = growing.map(({ lore: { trackable, calendar }, date, since }) => ({
      trackableId: trackable.id,
      from: Math.max(since, calendar.startOf(date).getTime()) - 1,
      to: calendar.startOf(addDays(date, 1)).getTime(),
    }));
    const fixes = await this.uses.days.between(orgId, spans, FIXES_A_ROUND + 1);
    const total = [...fixes.values()].reduce((sum, { length }) => sum + length, 0);
    if (total > FIXES_A_ROUND) return [...growing];
    const grown = growing.flatMap((growth) => {
      const { calendar, trackable } = growth.lore;
      const own = (fixes.get(trackable.id) ?? []).filter(({ at }) => calendar.dateOf(new Date(at)) === growth.date);
      return own.length > 0 ? [{ growth, own }] : [];
    });
    const rows = await this.uses.days.lock(
      orgId,
      grown.map(({ growth: { lore, date } }) => ({
        trackableId: lore.trackable.id,
        date,
        zone: lore.calendar.zoneOf(date),
      })),
    );
    const left: Growth[] = [];
    // A track's dates one after another: a day goes on from the one before.
    for (const { growth, own } of grown.toSorted((a, b) => (a.growth.date < b.growth.date ? -1 : 1))) {
      const row = rows.find(
        ({ trackableId, date }) => trackableId === growth.lore.trackable.id && date === growth.date,
      );
      if (row && !(await this.add(orgId, row, growth, own, after))) left.push(growth);
    }
    return left;
  }

  private async add(
    orgId: string,
    row: DayRow,
    { lore, date }: Growth,
    fixes: readonly TrackFix[],
    after: After,
  ): Promise<boolean> {
    const known = row.state?.lastAt ?? null;
    if (known !== null && fixes.some(({ at }) => at <= known)) return false;
    const { trackable, fences, rules, driverAt } = lore;
    const day = { orgId, trackableId: trackable.id, date };
    const track = new TrackDay(rules, row.state ?? undefined);
    if (!row.state) await this.goOn(orgId, lore, date, track);
    for (const fix of fixes) track.add(fix);
    const under = track.underWay();
    const trips = [...track.trips, ...(under.trip ? [under.trip] : [])].map((trip) =>
      tripRow(trip, { fences, driverId: driverAt(trip.startAt), state: trip.isOpen ? 'open' : 'closed' }),
    );
    const stops = [...track.stops, ...(under.stop ? [under.stop] : [])].map((stop) => stopRow(stop, fences));
    const speedings = [...track.speedings, ...(under.speeding ? [under.speeding] : [])].map(speedingRow);
    const { journeys } = this.uses;
    const told = {
      trips: await journeys.append(day, 'trips', trips),
      stops: await journeys.append(day, 'track_stops', stops),
      speedings: await journeys.append(day, 'speed_events', speedings),
    };
    await journeys.append(
      day,
      'track_gaps',
      track.gaps.map((gap) => gapRow(gap, false)),
    );
    new DayTelling(after).progress(trackable, told);
    const sum = { ...track.measured(), tail: track.sum().tail };
    await this.uses.days.keep(orgId, [{ ...day, revision: row.revision, sum, state: track.state, isOpen: true }]);
    await this.uses.fenceVisits.take({ orgId, trackable, date, fixes, isAnew: false }, after);
    // What ended is drawn from all its fixes, which are not in hand here.
    if (track.trips.length > 0 || track.gaps.length > 0) await this.uses.days.soil([{ ...day, isLate: false }]);
    return true;
  }

  /** A day's first fixes: it goes on from where the one before ended, and that one is over. */
  private async goOn(orgId: string, { trackable }: TrackLore, date: string, track: TrackDay): Promise<void> {
    const before = { orgId, trackableId: trackable.id, date: addDays(date, -1) };
    const [row] = await this.uses.days.days(orgId, [before]);
    if (!row?.tail) return;
    track.follow(row.tail);
    await this.uses.days.soil([{ ...before, isLate: false }]);
  }
}

/** A UTC day lies on two local dates, seldom on three. */
function growthOf({ utcDay, since }: Queued, lore: TrackLore | undefined): Growth[] {
  if (!lore) return [];
  const { calendar } = lore;
  const last = calendar.dateOf(new Date((utcDay + 1) * DAY_MS - 1));
  const growths: Growth[] = [];
  for (let date = calendar.dateOf(since); date <= last; date = addDays(date, 1))
    growths.push({ lore, date, since: since.getTime() });
  return growths;
}
