import { addDays, type Hub, weekdayOf, grouped } from '../../platform';
import type { DateFacts, PersonFacts, PolicyFacts } from './compute.policy';
import type { DayFacts, DayLeave, DayRules } from './day.policy';
import {
  type AlertRow,
  type AssignmentRow,
  type ClaimRow,
  type FactsStore,
  type LockRow,
  type OverrideRow,
  type PersonRow,
  type PlaceRow,
  type PolicyRow,
  type StoredDay,
  type TeamRow,
  type WatchRow,
} from './facts.store';
import type { Neighbours } from './neighbours';
import { type Occurrence, occurrenceOf, slotOf } from './occurrences.policy';
import { datesBetween, type Place, PlacesService } from './places.service';
import { type DayPlan, planOf, type Template } from './schedule.policy';

/** Punches are read from so many dates before, for what was open then. */
const PUNCHES_BEFORE = 4;
const MARGIN = 2;
const DAY_MS = 86_400_000;

export interface Span {
  readonly from: string;
  readonly to: string;
}

export interface LoadedPerson {
  readonly person: PersonRow;
  readonly facts: PersonFacts;
  readonly today: string;
  readonly stored: ReadonlyMap<string, StoredDay>;
  readonly claims: ReadonlyMap<string, readonly ClaimRow[]>;
  readonly alerts: ReadonlyMap<string, AlertRow>;
  readonly watches: ReadonlyMap<string, WatchRow>;
  isLocked(date: string, branchId: string | null): boolean;
}

export interface Loaded {
  readonly people: readonly LoadedPerson[];
  readonly shifts: ReadonlyMap<string, Template>;
  readonly policies: readonly PolicyRow[];
}

interface Shared {
  readonly orgId: string;
  readonly span: Span;
  readonly dates: readonly string[];
  readonly shifts: ReadonlyMap<string, Template>;
  readonly policies: ReadonlyMap<string, PolicyFacts>;
  readonly defaultPolicyId: string | null;
  readonly places: ReadonlyMap<string, Place>;
  readonly holidays: ReadonlyMap<string, ReadonlyMap<string, NonNullable<DayFacts['holiday']>>>;
  readonly locks: readonly LockRow[];
}

type OfPerson<T> = ReadonlyMap<string, readonly T[]>;

interface Rows {
  readonly places: OfPerson<PlaceRow>;
  readonly teams: OfPerson<TeamRow>;
  readonly assignments: OfPerson<AssignmentRow>;
  readonly overrides: OfPerson<OverrideRow>;
  readonly punches: ReadonlyMap<string, PersonFacts['punches'][number][]>;
  readonly excuses: OfPerson<{ date: string }>;
  readonly allowed: OfPerson<{ date: string; minutes: number }>;
  readonly leave: ReadonlyMap<string, readonly (DayLeave & { date: string })[]>;
  readonly stored: OfPerson<StoredDay>;
  readonly claims: OfPerson<ClaimRow>;
  readonly alerts: OfPerson<AlertRow>;
  readonly watches: OfPerson<WatchRow>;
}

const byUser = <T extends { readonly userId: string }>(rows: readonly T[]): Map<string, T[]> =>
  grouped(rows, ({ userId }) => userId);
const byTarget = (rows: readonly AssignmentRow[]): Map<string, AssignmentRow[]> =>
  grouped(rows, ({ targetId }) => targetId);
const slotOfRow = ({ date, key }: { date: string; key: string }): string => slotOf(date, key);

/** Gathers what decides about the days of many people, in as many statements as for one. */
export class FactsService {
  constructor(
    private readonly hub: Hub,
    private readonly store: FactsStore,
    private readonly places: PlacesService,
    private readonly neighbours: Neighbours,
  ) {}

  /** On which weekdays the weeks of the organisation's policies begin; on Monday without one. */
  async weekStarts(orgId: string): Promise<ReadonlySet<number>> {
    const policies = await this.store.policies(orgId);
    return new Set(policies.length === 0 ? [1] : policies.map(({ rules }) => rules.weekStartsOn));
  }

  async load(orgId: string, ids: readonly string[], span: Span): Promise<Loaded> {
    const from = addDays(span.from, -MARGIN);
    const to = addDays(span.to, MARGIN);
    const people = await this.store.people(orgId, ids);
    const known = people.map(({ userId }) => userId);
    const policies = await this.store.policies(orgId);
    const shifts = await this.store.shifts(orgId);
    if (known.length === 0) return { people: [], shifts, policies };
    const rows = await this.rowsOf(orgId, known, span, { from, to });
    const branchIds = new Set(people.flatMap((person) => branchesOf(person, rows.places.get(person.userId) ?? [])));
    const places = new Map<string, Place>();
    for (const id of [...branchIds, null]) places.set(id ?? '', await this.places.at(orgId, id));
    const shared: Shared = {
      orgId,
      span,
      dates: datesBetween(from, to),
      shifts,
      policies: new Map(policies.map(({ id, rules }) => [id, { id, rules }])),
      defaultPolicyId: policies.find(({ isDefault }) => isDefault)?.id ?? null,
      places,
      holidays: await this.neighbours.holidays.holidaysOf(orgId, [...branchIds], from, to),
      locks: await this.store.locks(orgId, span.from, span.to),
    };
    const loaded: LoadedPerson[] = [];
    for (const person of people) loaded.push(await this.personOf(person, rows, shared));
    return { people: loaded, shifts, policies };
  }

  private async rowsOf(orgId: string, ids: readonly string[], span: Span, { from, to }: Span): Promise<Rows> {
    const { store } = this;
    const places = byUser(await store.places(orgId, ids, from, to));
    const teams = byUser(await store.teams(orgId, ids));
    const branchIds = [...places.values()].flat().map(({ branchId }) => branchId);
    const teamIds = [...teams.values()].flat().map(({ teamId }) => teamId);
    const targets = [...new Set([...ids, ...teamIds, ...branchIds])];
    return {
      places,
      teams,
      assignments: byTarget(await store.assignments(orgId, targets, from, to)),
      overrides: byUser(await store.overrides(orgId, ids, from, to)),
      punches: await store.punches(orgId, ids, addDays(from, -PUNCHES_BEFORE), to),
      excuses: byUser(await store.excuses(orgId, ids, from, to)),
      allowed: byUser(await store.allowed(orgId, ids, from, to)),
      leave: await this.neighbours.leave.daysOf(orgId, ids, from, to),
      stored: byUser(await store.stored(orgId, ids, span.from, span.to)),
      claims: grouped(await store.claims(orgId, ids, span.from, span.to), ({ dayId }) => dayId),
      alerts: byUser(await store.alerts(orgId, ids, span.from, span.to)),
      watches: byUser(await store.watches(orgId, ids, span.from, span.to)),
    };
  }

  private async personOf(person: PersonRow, rows: Rows, shared: Shared): Promise<LoadedPerson> {
    const { userId } = person;
    const own = rows.places.get(userId) ?? [];
    const home = shared.places.get(PlacesService.branchOn(shared.span.to, own, person) ?? '');
    const rules = new Map<Place, DayRules>();
    const dates: DateFacts[] = [];
    for (const date of shared.dates) {
      const place = shared.places.get(PlacesService.branchOn(date, own, person) ?? '') ?? home;
      if (!place) throw new Error(`no place of ${userId} on ${date}`);
      const known = rules.get(place) ?? (await this.places.rulesOf(shared.orgId, userId, place));
      rules.set(place, known);
      dates.push(dateFacts(date, { person, place, rules: known }, rows, shared));
    }
    const stored = rows.stored.get(userId) ?? [];
    const claims = new Map(stored.map((day) => [slotOfRow(day), rows.claims.get(day.id) ?? []]));
    const now = this.hub.now();
    return {
      person,
      facts: {
        dates,
        punches: rows.punches.get(userId) ?? [],
        evidence: new Map(),
        policies: shared.policies,
        defaultPolicyId: shared.defaultPolicyId,
        approvals: new Map([...claims].map(([slot, ofDay]) => [slot, approvedOf(ofDay)])),
        nowMs: now.getTime(),
      },
      today: (home ?? shared.places.get(''))?.calendar.dateOf(now) ?? shared.span.to,
      stored: new Map(stored.map((day) => [slotOfRow(day), day])),
      claims,
      alerts: new Map((rows.alerts.get(userId) ?? []).map((alert) => [slotOfRow(alert), alert])),
      watches: new Map((rows.watches.get(userId) ?? []).map((watch) => [slotOfRow(watch), watch])),
      isLocked: (date, branchId) =>
        shared.locks.some(
          (lock) =>
            lock.from <= date &&
            date < lock.to &&
            (lock.userId === null || lock.userId === userId) &&
            (lock.branchId === null || lock.branchId === branchId),
        ),
    };
  }
}

const branchesOf = ({ homeBranchId }: PersonRow, places: readonly PlaceRow[]): string[] => [
  ...places.map(({ branchId }) => branchId),
  ...(homeBranchId === null ? [] : [homeBranchId]),
];

/** What somebody decided; what needs no decision is found anew each time. */
function approvedOf(claims: readonly ClaimRow[]): { ot1Sec: number; ot2Sec: number } {
  const of = (bucket: number): number =>
    claims.find((claim) => claim.bucket === bucket && claim.state !== 'auto' && claim.state !== 'rejected')
      ?.approvedSec ?? 0;
  return { ot1Sec: of(1), ot2Sec: of(2) };
}

interface At {
  readonly person: PersonRow;
  readonly place: Place;
  readonly rules: DayRules;
}

function dateFacts(date: string, { person, place, rules }: At, rows: Rows, shared: Shared): DateFacts {
  const { userId } = person;
  const { calendar, branchId } = place;
  const zone = calendar.zoneOf(date);
  const isEmployed = PlacesService.isEmployed(date, person, zone);
  const plan: DayPlan = isEmployed
    ? planFor(date, userId, place, rows)
    : { source: 'none', shiftIds: [], isOff: false };
  const hours = plan.source === 'none' && isEmployed ? place.hours : null;
  const isDefaultOff = hours !== null && !hours.weekdays.includes(weekdayOf(date));
  const templates = plan.shiftIds.flatMap((id) => shared.shifts.get(id) ?? []);
  const counting = hours && !isDefaultOff ? [hours.template] : templates;
  return {
    date,
    branchId,
    zone,
    endsMs: place.endOf(date),
    source: hours ? 'organisation' : plan.source,
    isOff: plan.isOff || isDefaultOff,
    occurrences: withoutOverlaps(counting.map((template) => occurrenceOf(date, template, calendar))),
    holiday: isEmployed ? (shared.holidays.get(branchId ?? '')?.get(date) ?? null) : null,
    leave: (rows.leave.get(userId) ?? []).filter((one) => one.date === date && one.milliDays > 0),
    isExcused: (rows.excuses.get(userId) ?? []).some((one) => one.date === date),
    rules,
    allowedSec: (rows.allowed.get(userId) ?? [])
      .filter((one) => one.date === date)
      .reduce((sum, { minutes }) => sum + minutes * 60, 0),
  };
}

function planFor(date: string, userId: string, { branchId, endOf }: Place, rows: Rows): DayPlan {
  const override = rows.overrides.get(userId)?.find((one) => one.date === date);
  if (override) return planOf(date, override, []);
  const teams = (rows.teams.get(userId) ?? []).filter(({ fromAt, toAt }) => {
    const endsMs = endOf(date);
    return fromAt.getTime() < endsMs && (toAt === null || toAt.getTime() > endsMs - DAY_MS);
  });
  const targets = [userId, ...teams.map(({ teamId }) => teamId), ...(branchId === null ? [] : [branchId])];
  return planOf(
    date,
    undefined,
    targets.flatMap((target) => rows.assignments.get(target) ?? []),
  );
}

/** Two teams may plan the same hours: who belongs to both works once. */
function withoutOverlaps(occurrences: readonly Occurrence[]): Occurrence[] {
  const kept: Occurrence[] = [];
  for (const one of occurrences)
    if (!kept.some((other) => one.startMs < other.endMs && other.startMs < one.endMs)) kept.push(one);
  return kept;
}
