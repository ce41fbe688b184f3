import type { Assignment, Cycle, Rounding, scheduleSources, ShiftBreak } from '@loro/contracts/attendance-rosters';
import { addDays } from '../../platform';

export type Source = (typeof scheduleSources)[number];

/** What of a shift decides about a day. */
export interface Template {
  readonly shiftId: string | null;
  readonly name: string;
  readonly startLocal: string;
  readonly endLocal: string;
  readonly windowBeforeMin: number;
  readonly windowAfterMin: number;
  readonly graceLateMin: number;
  readonly graceEarlyMin: number;
  readonly breaks: readonly ShiftBreak[];
  readonly minHalfDayMin: number;
  readonly minPresentMin: number;
  readonly rounding: Rounding;
  readonly nightFrom: string;
  readonly nightTo: string;
  readonly overtimePolicyId: string | null;
}

/** What counts where no shift says otherwise. */
export const PLAIN: Template = {
  shiftId: null,
  name: '',
  startLocal: '08:00',
  endLocal: '17:00',
  windowBeforeMin: 60,
  windowAfterMin: 240,
  graceLateMin: 15,
  graceEarlyMin: 15,
  breaks: [],
  minHalfDayMin: 240,
  minPresentMin: 420,
  rounding: { mode: 'none', stepMin: 15, applyTo: 'punch' },
  nightFrom: '22:00',
  nightTo: '06:00',
  overtimePolicyId: null,
};

type Target = Assignment['targetType'];
export type Planned = Pick<Assignment, 'id' | 'shiftId' | 'from' | 'to' | 'cycle'>;
export interface PlannedFor extends Planned {
  readonly targetType: Target;
}

export interface DayPlan {
  readonly source: Source;
  /** Shifts of the date; none where a plan says that it is off, or where there is no plan. */
  readonly shiftIds: readonly string[];
  /** A plan says that the date is off. */
  readonly isOff: boolean;
}

const DAY_MS = 86_400_000;
const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** Whether a cycle says `on`; it repeats before its anchor too. */
export function isOn(cycle: Cycle | null, date: string): boolean {
  if (!cycle) return true;
  const { length } = cycle.days;
  const index = ((daysBetween(cycle.anchoredOn, date) % length) + length) % length;
  return cycle.days[index] === 'on';
}

const covers = ({ from, to }: Pick<Planned, 'from' | 'to'>, date: string): boolean =>
  from <= date && (to === null || date < to);

/** The highest plan that says anything of a date decides alone, also where it says that it is off. */
export function planOf(
  date: string,
  override: { readonly shiftId: string | null } | undefined,
  assignments: readonly PlannedFor[],
): DayPlan {
  if (override)
    return {
      source: 'override',
      shiftIds: override.shiftId === null ? [] : [override.shiftId],
      isOff: !override.shiftId,
    };
  for (const source of ['user', 'team', 'branch'] as const) {
    const counting = assignments.filter((one) => one.targetType === source && covers(one, date));
    if (counting.length === 0) continue;
    const shiftIds = [...new Set(counting.filter(({ cycle }) => isOn(cycle, date)).map(({ shiftId }) => shiftId))];
    return { source, shiftIds, isOff: shiftIds.length === 0 };
  }
  return { source: 'none', shiftIds: [], isOff: false };
}

export interface Timed extends Planned {
  readonly startLocal: string;
  readonly endLocal: string;
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Minutes from the date's midnight; an end at or before the start lies on the next day. */
export function minutesOn({
  startLocal,
  endLocal,
}: Pick<Timed, 'startLocal' | 'endLocal'>): [from: number, to: number] {
  const from = minutesOf(startLocal);
  const to = minutesOf(endLocal);
  return [from, to > from ? to : to + 1_440];
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const later = (a: string, b: string): string => (a > b ? a : b);
const earlier = (a: string | null, b: string | null): string | null => (a === null ? b : b === null || a < b ? a : b);

/**
 * The first date on which somebody who has both would work twice at one time, by the clock on the wall. Shifts that
 * touch do not overlap. Cycles repeat together after the common multiple of their lengths, so no more is looked at.
 */
export function overlapOf(a: Timed, b: Timed): string | null {
  const from = later(a.from, b.from);
  const to = earlier(a.to, b.to);
  // A night shift of the last date of one reaches into the first date of the other.
  const first = addDays(from, -1);
  const [lengthA, lengthB] = [a.cycle?.days.length ?? 1, b.cycle?.days.length ?? 1];
  const together = (lengthA * lengthB) / gcd(lengthA, lengthB) + 3;
  for (let step = 0; step < together; step += 1) {
    const date = addDays(first, step);
    if (to !== null && date > to) return null;
    for (const shift of [-1, 0, 1]) if (overlapsOn(a, b, date, addDays(date, shift), shift)) return date;
  }
  return null;
}

function overlapsOn(a: Timed, b: Timed, dateA: string, dateB: string, shift: number): boolean {
  if (!covers(a, dateA) || !covers(b, dateB) || !isOn(a.cycle, dateA) || !isOn(b.cycle, dateB)) return false;
  const [fromA, toA] = minutesOn(a);
  const [fromB, toB] = minutesOn(b).map((minutes) => minutes + shift * 1_440);
  return fromA < (toB ?? 0) && (fromB ?? 0) < toA;
}
