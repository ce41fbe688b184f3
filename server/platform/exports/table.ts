/**
 * What a column holds. `instant`: ISO 8601 with `Z`; `date`: a calendar date; `minutes`, `seconds`: lengths; `days`:
 * milli-days, shown as days; `flag`: true or false.
 */
export type ColumnKind = 'text' | 'number' | 'instant' | 'date' | 'minutes' | 'seconds' | 'days' | 'flag';

export type Cell = string | number | boolean | null | undefined;

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly kind: ColumnKind;
}

/** A table that leaves the house. Rows are read once, as fast as whoever takes the file. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: AsyncIterable<Readonly<Record<string, Cell>>> | Iterable<Readonly<Record<string, Cell>>>;
  /** Where people read instants, in formats that are read by people (`xlsx`, `pdf`); UTC where it is left out. */
  readonly timeZone?: string;
}

/** Lengths as people read them: `7:05`. */
export function clock(minutes: number): string {
  const whole = Math.abs(Math.round(minutes));
  return `${minutes < 0 ? '-' : ''}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** The milliseconds since 1970 of a wall clock that shows this instant in a zone, as if that clock were UTC. */
export function wallClock(timeZone: string): (instant: string) => number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  };
}

/** `2026-11-25 08:30`. */
export const minuteText = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 16).replace('T', ' ');
