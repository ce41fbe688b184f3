import { addDays } from '../../platform';
import { weekOf } from './time-entry.policy';

/** One thing that somebody did; `step` says which of the steps it may be. */
export interface FunnelEvent {
  readonly actorId: string;
  readonly at: number;
  readonly steps: readonly number[];
}

export interface FunnelStep {
  readonly people: number;
  /** Of those who took the first step, and of those who took the one before; null where there was nobody. */
  readonly ofFirst: number | null;
  readonly ofPrevious: number | null;
  /** Half of those who came here took no longer from the first step. */
  readonly medianSec: number | null;
}

/** How many took all steps in order, within a time of their first one. */
export function funnelOf(events: readonly FunnelEvent[], steps: number, windowMs: number): FunnelStep[] {
  const byActor = new Map<string, FunnelEvent[]>();
  for (const event of events) {
    const own = byActor.get(event.actorId);
    if (own) own.push(event);
    else byActor.set(event.actorId, [event]);
  }
  const furthest = [...byActor.values()].map((own) =>
    furthestOf(
      own.toSorted((a, b) => a.at - b.at),
      steps,
      windowMs,
    ),
  );
  const counts = Array.from({ length: steps }, (_, step) => furthest.filter((times) => times.length > step).length);
  return counts.map((people, step) => ({
    people,
    ofFirst: share(people, counts[0]),
    ofPrevious: step === 0 ? share(people, people) : share(people, counts[step - 1]),
    medianSec: middle(furthest.flatMap((times) => elapsed(times, step))),
  }));
}

const share = (part: number, whole = 0): number | null => (whole === 0 ? null : part / whole);
const elapsed = (times: readonly number[], step: number): number[] => {
  const [first, at] = [times[0], times[step]];
  return first === undefined || at === undefined ? [] : [(at - first) / 1_000];
};
const middle = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;

/** The instants of the steps of the best attempt: each first step may begin one, and each event is one step at most. */
function furthestOf(events: readonly FunnelEvent[], steps: number, windowMs: number): number[] {
  let best: number[] = [];
  for (const [index, first] of events.entries()) {
    if (!first.steps.includes(0)) continue;
    const times = [first.at];
    for (const event of events.slice(index + 1)) {
      if (times.length === steps || event.at - first.at > windowMs) break;
      if (event.steps.includes(times.length)) times.push(event.at);
    }
    if (times.length > best.length) best = times;
    if (best.length === steps) break;
  }
  return best;
}

export interface Cohort {
  /** The Monday of the week in which they were first seen. */
  readonly week: string;
  readonly people: number;
  /** How many of them did something in this week, the next, and so on; parts of a whole beside. */
  readonly weeks: { people: number; share: number }[];
}

/** Who came for the first time in which week, and came again in the weeks after. */
export function cohortsOf(
  active: readonly { readonly date: string; readonly userId: string }[],
  { from, to }: { readonly from: string; readonly to: string },
): Cohort[] {
  const weeksBy = new Map<string, Set<string>>();
  for (const { date, userId } of active) weeksBy.set(userId, (weeksBy.get(userId) ?? new Set()).add(weekOf(date)));
  const members = new Map<string, Set<string>[]>();
  for (const weeks of weeksBy.values()) {
    const first = [...weeks].toSorted()[0] ?? '';
    members.set(first, [...(members.get(first) ?? []), weeks]);
  }
  const cohorts: Cohort[] = [];
  const last = weekOf(addDays(to, -1));
  for (let week = weekOf(from); week <= last; week = addDays(week, 7)) {
    const own = members.get(week) ?? [];
    const weeks: { people: number; share: number }[] = [];
    for (let at = week; at <= last; at = addDays(at, 7)) {
      const people = own.filter((seen) => seen.has(at)).length;
      weeks.push({ people, share: own.length === 0 ? 0 : people / own.length });
    }
    cohorts.push({ week, people: own.length, weeks });
  }
  return cohorts;
}
