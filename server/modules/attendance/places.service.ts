import { addDays, dateIn, type Hub, nextDate, Remembered, startOfDay } from '../../platform';
import { branches } from '../branches';
import { configuration } from '../configuration';
import { people } from '../people';
import type { DayRules } from './day.policy';
import type { PersonRow, PlaceRow } from './facts.store';
import { PLAIN, type Template } from './schedule.policy';
import type { LocalCalendar } from './wall.policy';

const KEPT_MS = 2_000;
const KEPT = 10_000;

/** What a branch says of the days of its people. */
export interface Place {
  readonly branchId: string | null;
  readonly calendar: LocalCalendar;
  /** The first instant after a date. */
  readonly endOf: (date: string) => number;
  readonly chain: readonly string[];
  readonly strictAbsent: boolean;
  readonly absenceAlertMin: number;
  /** When people work of whom no plan says anything, by weekday; null where nobody expects them. */
  readonly hours: { readonly weekdays: readonly number[]; readonly template: Template } | null;
}

/** A calendar of people who belong to no branch. */
const zoneCalendar = (timezone: string): LocalCalendar => ({
  zoneOf: () => timezone,
  zoneAt: () => timezone,
  dateOf: (at) => dateIn(at, timezone),
  startOf: (date) => startOfDay(date, timezone),
});

/** Where people belong on a date, and what counts there; remembered for some seconds. */
export class PlacesService {
  private readonly known: Remembered<Place>;

  constructor(private readonly hub: Hub) {
    this.known = new Remembered(KEPT_MS, KEPT, hub.now);
  }

  async at(orgId: string, branchId: string | null): Promise<Place> {
    const key = `${orgId}:${branchId ?? ''}`;
    const known = this.known.get(key);
    if (known) return known;
    const place = await this.read(orgId, branchId);
    this.known.set(key, place);
    return place;
  }

  /** The first membership of a date decides, then any, then the home. */
  static branchOn(date: string, places: readonly PlaceRow[], person: PersonRow): string | null {
    const current = places.filter(({ from, to }) => from <= date && (to === null || date < to));
    return (current.find(({ isPrimary }) => isPrimary) ?? current[0])?.branchId ?? person.homeBranchId;
  }

  /** Whether somebody may punch and is expected on a date. */
  static isEmployed(date: string, person: PersonRow, zone: string): boolean {
    const { status, kind, startedOn, endedOn, deactivatedAt } = person;
    if (kind !== 'person' || status === 'invited') return false;
    if (startedOn !== null && date < startedOn) return false;
    if (endedOn !== null && date > endedOn) return false;
    return deactivatedAt === null || date < dateIn(deactivatedAt, zone);
  }

  async rulesOf(orgId: string, userId: string, place: Place): Promise<DayRules> {
    const requireVerified = await this.hub
      .use(configuration)
      .value('attendance.require-verified', { orgId, branchIds: place.chain, userId });
    return { requireVerified, strictAbsent: place.strictAbsent, absenceAlertMin: place.absenceAlertMin };
  }

  /** Today at the branch, or in the organisation. */
  async today(orgId: string, branchId: string | null): Promise<string> {
    return (await this.at(orgId, branchId)).calendar.dateOf(this.hub.now());
  }

  private async read(orgId: string, branchId: string | null): Promise<Place> {
    const rooms = { branches: this.hub.use(branches), settings: this.hub.use(configuration) };
    const chain = branchId === null ? [] : await rooms.branches.chainOf(orgId, branchId);
    const calendar =
      branchId === null
        ? zoneCalendar((await this.hub.use(people).organisationOf(orgId)).timezone)
        : await rooms.branches.calendarOf(orgId, branchId);
    const scope = { orgId, branchIds: chain };
    const hours = await rooms.settings.value('attendance.default-hours', scope);
    return {
      branchId,
      calendar,
      endOf: endsOf(calendar),
      chain,
      strictAbsent: await rooms.settings.value('attendance.strict-absent', scope),
      absenceAlertMin: await rooms.settings.value('attendance.absence-alert-min', scope),
      hours: hours && {
        weekdays: hours.weekdays,
        template: { ...PLAIN, startLocal: hours.startLocal, endLocal: hours.endLocal },
      },
    };
  }
}

/** Dates from one to another, both included. */
export function datesBetween(from: string, to: string): string[] {
  const dates: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) dates.push(date);
  return dates;
}

/** Asked for every person and date of a branch, and the same for all of them. */
function endsOf(calendar: LocalCalendar): (date: string) => number {
  const known = new Map<string, number>();
  return (date) => {
    const end = known.get(date) ?? calendar.startOf(nextDate(date)).getTime();
    known.set(date, end);
    return end;
  };
}
