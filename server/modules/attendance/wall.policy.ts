import { Temporal } from 'temporal-polyfill';
import { wallTime } from '../../platform';

/** The local calendar of a branch, as the room of branches gives it. */
export interface LocalCalendar {
  zoneOf(date: string): string;
  zoneAt(at: Date): string;
  dateOf(at: Date): string;
  startOf(date: string): Date;
}

const KEPT = 50_000;
const QUARTER_MS = 900_000;
const instants = new Map<string, number>();
const offsets = new Map<string, number>();

/** The instant of a wall time in ms. Remembered: the people of a branch share their times, and an answer never changes. */
export function wallMs(date: string, time: string, zone: string): number {
  const key = `${zone} ${date} ${time}`;
  return remembered(instants, key, () => wallTime(date, time, zone).getTime());
}

/** How far the clocks of a zone are ahead of UTC at an instant, in ms; clocks change on quarters of an hour. */
export function offsetMs(atMs: number, zone: string): number {
  const quarter = Math.floor(atMs / QUARTER_MS) * QUARTER_MS;
  return remembered(
    offsets,
    `${zone} ${quarter}`,
    () => Temporal.Instant.fromEpochMilliseconds(quarter).toZonedDateTimeISO(zone).offsetNanoseconds / 1_000_000,
  );
}

/** The local date of an instant, by the clocks of one zone. */
export const localDateOf = (atMs: number, zone: string): string =>
  new Date(atMs + offsetMs(atMs, zone)).toISOString().slice(0, 10);

function remembered(values: Map<string, number>, key: string, find: () => number): number {
  const known = values.get(key);
  if (known !== undefined) return known;
  if (values.size >= KEPT) values.clear();
  const value = find();
  values.set(key, value);
  return value;
}
