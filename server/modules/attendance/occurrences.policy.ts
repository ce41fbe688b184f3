import { addDays } from '../../platform';
import { type DayPunch, inOrder, LONGEST_MS, NOISE_MS } from './pairing.policy';
import { minutesOn, type Template } from './schedule.policy';
import { type LocalCalendar, wallMs } from './wall.policy';

const MINUTE = 60_000;
/** An `in` older than this is nobody's any more. */
const REACH_MS = 48 * 60 * MINUTE;
/** What belongs to no shift. */
export const NONE = 'none';
/** What belongs to the default hours. */
export const HOURS = 'hours';

/** One time that somebody is to work, on the date on which it begins. */
export interface Occurrence {
  readonly key: string;
  readonly date: string;
  readonly zone: string;
  readonly template: Template;
  readonly startMs: number;
  readonly endMs: number;
  readonly windowFromMs: number;
  readonly windowToMs: number;
}

/** Instants from wall times in the zone of the branch on that date, never of the phone (A1). */
export function occurrenceOf(date: string, template: Template, calendar: Pick<LocalCalendar, 'zoneOf'>): Occurrence {
  const zone = calendar.zoneOf(date);
  const [, to] = minutesOn(template);
  const startMs = wallMs(date, template.startLocal, zone);
  const endDate = to >= 1_440 ? addDays(date, 1) : date;
  const endMs = Math.max(startMs, wallMs(endDate, template.endLocal, calendar.zoneOf(endDate)));
  return {
    key: template.shiftId ?? HOURS,
    date,
    zone,
    template,
    startMs,
    endMs,
    windowFromMs: startMs - template.windowBeforeMin * MINUTE,
    windowToMs: endMs + template.windowAfterMin * MINUTE,
  };
}

/** Where a punch went: to an occurrence, or to a date without one. */
export const slotOf = (date: string, key: string): string => `${date} ${key}`;

interface Open {
  readonly slot: string;
  readonly atMs: number;
  /** Until when an `auto` ends it. */
  readonly untilMs: number;
}

/**
 * Which punch belongs to which occurrence (A2). An `out` goes to the open `in`, whatever its date; an `in` to the
 * occurrence whose start is nearest, of two equally near ones to the later; what no window holds is unscheduled.
 */
export function assignPunches(
  punches: readonly DayPunch[],
  occurrences: readonly Occurrence[],
): Map<string, DayPunch[]> {
  const ordered = occurrences.toSorted((a, b) => a.startMs - b.startMs || (a.key < b.key ? -1 : 1));
  const found = new Map<string, DayPunch[]>();
  const give = (slot: string, punch: DayPunch): void => void found.set(slot, [...(found.get(slot) ?? []), punch]);
  const strays: { punch: DayPunch; occurrence: Occurrence }[] = [];
  let open: Open | null = null;
  let left: Open | null = null;
  for (const punch of inOrder(punches)) {
    const { atMs, direction } = punch;
    const current: Open | null = open && atMs - open.atMs <= REACH_MS ? open : null;
    const begins = direction === 'in' || (direction === 'auto' && !(current && atMs <= current.untilMs));
    if (begins) {
      open = openedBy(punch, current, ordered);
      give(open.slot, punch);
      continue;
    }
    if (current) {
      give(current.slot, punch);
      if (direction === 'break_start' || direction === 'break_end') continue;
      const elsewhere = atMs - current.atMs > LONGEST_MS ? holding(ordered, atMs)[0] : undefined;
      if (elsewhere) strays.push({ punch, occurrence: elsewhere });
      left = { ...current, atMs };
      open = null;
      continue;
    }
    give(left && atMs - left.atMs <= NOISE_MS ? left.slot : nearestEnd(punch, ordered), punch);
  }
  // Who forgot to come in was there all the same: such a day is incomplete, and nobody says that he was absent.
  for (const { punch, occurrence } of strays) {
    const slot = slotOf(occurrence.date, occurrence.key);
    if (!found.has(slot)) give(slot, punch);
  }
  return found;
}

const holding = (occurrences: readonly Occurrence[], atMs: number): Occurrence[] =>
  occurrences.filter(({ windowFromMs, windowToMs }) => windowFromMs <= atMs && atMs <= windowToMs);

function openedBy({ atMs, localDate }: DayPunch, current: Open | null, occurrences: readonly Occurrence[]): Open {
  let best: Occurrence | undefined;
  for (const one of holding(occurrences, atMs))
    if (!best || Math.abs(atMs - one.startMs) <= Math.abs(atMs - best.startMs)) best = one;
  if (best) return { slot: slotOf(best.date, best.key), atMs, untilMs: best.windowToMs };
  // Pressed twice around midnight: still the same day.
  if (current && atMs - current.atMs <= NOISE_MS) return current;
  return { slot: slotOf(localDate, NONE), atMs, untilMs: atMs + LONGEST_MS };
}

function nearestEnd({ atMs, localDate }: DayPunch, occurrences: readonly Occurrence[]): string {
  let best: Occurrence | undefined;
  for (const one of holding(occurrences, atMs))
    if (!best || Math.abs(atMs - one.endMs) < Math.abs(atMs - best.endMs)) best = one;
  return best ? slotOf(best.date, best.key) : slotOf(localDate, NONE);
}
