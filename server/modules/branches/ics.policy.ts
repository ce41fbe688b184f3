import { addDays } from '../../platform';

/** A date off, and what it is called. */
interface Off {
  readonly date: string;
  readonly name: string;
}

interface Skipped {
  /** Of the file, counted from 1, where the event begins. */
  readonly line: number;
  readonly reason: string;
}

interface Line {
  readonly number: number;
  readonly name: string;
  readonly params: string;
  readonly value: string;
}

interface Found {
  readonly holidays: Off[];
  readonly skipped: Skipped[];
}

const MOST_DAYS = 31;
const MOST_HOLIDAYS = 2_000;
const LONGEST_NAME = 120;

/**
 * Holidays of an iCalendar file: its VEVENTs that begin on a date. DTEND is the first date after, as RFC 5545 says;
 * repeating and timed events are skipped and named, for nobody would expect them to be guessed.
 * @returns undefined for text that is no calendar
 */
export function holidaysOfIcs(text: string): Found | undefined {
  const lines = unfold(text);
  const first = lines[0];
  if (first?.name !== 'BEGIN' || first.value.toUpperCase() !== 'VCALENDAR') return undefined;
  const found: Found = { holidays: [], skipped: [] };
  let event: Line[] | undefined;
  let depth = 0;
  for (const line of lines) {
    const what = line.value.toUpperCase();
    if (line.name === 'BEGIN' && what === 'VEVENT' && !event) {
      event = [line];
      depth = 0;
      continue;
    }
    if (!event) continue;
    if (line.name === 'END' && what === 'VEVENT' && depth === 0) {
      keep(event, found);
      event = undefined;
      continue;
    }
    // An alarm inside an event has lines of the same names.
    if (line.name === 'BEGIN') depth += 1;
    if (depth === 0) event.push(line);
    if (line.name === 'END') depth -= 1;
  }
  // A file that ends inside an event was cut short.
  return event ? undefined : found;
}

function keep(event: readonly Line[], found: Found): void {
  const line = event[0]?.number ?? 0;
  const read = holidaysOf(event);
  if (typeof read === 'string') found.skipped.push({ line, reason: read });
  else if (found.holidays.length + read.length > MOST_HOLIDAYS)
    found.skipped.push({ line, reason: `is beyond the first ${MOST_HOLIDAYS} days` });
  else found.holidays.push(...read);
}

/** @returns the days of the event, or why it gives none */
function holidaysOf(event: readonly Line[]): Off[] | string {
  const of = (name: string) => event.find((line) => line.name === name);
  const [start, end, summary] = [of('DTSTART'), of('DTEND'), of('SUMMARY')];
  if (!start) return 'has no DTSTART';
  const from = dateOf(start.value);
  if (from === null) return 'begins at a time, not on a date';
  if (of('RRULE') || of('RDATE')) return 'repeats; send every year of it';
  if (of('STATUS')?.value.toUpperCase() === 'CANCELLED') return 'is cancelled';
  const name = unescape(summary?.value ?? '')
    .trim()
    .slice(0, LONGEST_NAME);
  if (name === '') return 'has no SUMMARY';
  const to = end ? dateOf(end.value) : addDays(from, 1);
  if (to === null || (to <= from && end?.value !== start.value)) return 'ends before it begins';
  const days: Off[] = [];
  for (let date = from; date === from || date < to; date = addDays(date, 1)) {
    days.push({ date, name });
    if (days.length > MOST_DAYS) return `lasts more than ${MOST_DAYS} days`;
  }
  return days;
}

/** `20261225`, and nothing that only looks like it. */
function dateOf(text: string): string | null {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(text.trim());
  if (!match) return null;
  const date = match.slice(1).join('-');
  const at = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== date ? null : date;
}

/** Long lines go on behind a break and one blank. */
function unfold(text: string): Line[] {
  const lines: { number: number; text: string }[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const last = lines.at(-1);
    if (/^[ \t]/.test(raw) && last) last.text += raw.slice(1);
    else if (raw !== '') lines.push({ number: index + 1, text: raw });
  }
  return lines.flatMap(({ number, text: whole }) => {
    // A colon inside a quoted parameter does not end it.
    const match = /^([A-Za-z0-9-]+)((?:;[^":;]*(?:"[^"]*"[^":;]*)*)*):(.*)$/s.exec(whole);
    const [, name = '', params = '', value = ''] = match ?? [];
    return match ? [{ number, name: name.toUpperCase(), params, value }] : [];
  });
}

const unescape = (text: string): string =>
  text.replaceAll(/\\([nN,;\\])/g, (_, sign: string) => (sign.toLowerCase() === 'n' ? ' ' : sign));
