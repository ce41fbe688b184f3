import type { OvertimeRules } from '@loro/contracts/attendance-overtime';
import type { PayLine } from '@loro/contracts/attendance-values';
import { addDays, weekdayOf, grouped } from '../../platform';
import type { Stretch } from './pairing.policy';
import { splitByDay } from './worked.policy';

type Bucket = PayLine['bucket'];
type Reason = PayLine['reason'];

const MINUTE = 60_000;
/** What the seventh day in a row gives at the first factor. */
const SEVENTH_DAY_MS = 8 * 60 * MINUTE;
const WHOLE_PPM = 1_000_000;
const SUNDAY = 7;

/** What a row of the week brings: one occurrence of one person. */
export interface WeekRow {
  readonly id: string;
  readonly date: string;
  readonly zone: string;
  readonly pieces: readonly Stretch[];
  /** Null where no shift says when it begins and ends: nothing is early or late then. */
  readonly scheduled: Stretch | null;
  readonly isRestDay: boolean;
}

export interface RowPay {
  readonly regularSec: number;
  /** Overtime of the first and of the second factor, whether or not somebody approved it. */
  readonly ot1Sec: number;
  readonly ot2Sec: number;
  readonly pay: readonly PayLine[];
}

interface Part extends Stretch {
  readonly row: string;
  readonly date: string;
  readonly isRestDay: boolean;
  bucket: Bucket;
  reason: Reason;
}

/** The first date of the week in which a date lies. */
export const weekStartOf = (date: string, weekStartsOn: number): string =>
  addDays(date, -((weekdayOf(date) - weekStartsOn + 7) % 7));

/** Everything is regular where there is no policy. */
export function plainPay(pieces: readonly Stretch[]): RowPay {
  const seconds = roundSec(lengthOf(pieces));
  return {
    regularSec: seconds,
    ot1Sec: 0,
    ot2Sec: 0,
    pay: seconds === 0 ? [] : [line('regular', seconds, WHOLE_PPM, 'regular')],
  };
}

/**
 * Overtime of some weeks (A7): by day first, then by week, and no second counts twice. Rows may be of several weeks; each
 * week is for itself.
 */
export function overtimeOf(
  rows: readonly WeekRow[],
  rules: OvertimeRules,
  holidays: ReadonlySet<string>,
): Map<string, RowPay> {
  const parts = rows.flatMap((row) => partsOf(row, rules)).toSorted((a, b) => a.fromMs - b.fromMs);
  const weeks = grouped(parts, ({ date }) => weekStartOf(date, rules.weekStartsOn));
  const paid = [...weeks].flatMap(([start, ofWeek]) => weekOf(start, ofWeek, rules));
  const byRow = grouped(paid, ({ row }) => row);
  return new Map(rows.map(({ id }) => [id, payOf(byRow.get(id) ?? [], rules, holidays)]));
}

/** What can be paid of a row, by the day to which it counts. */
function partsOf(row: WeekRow, rules: OvertimeRules): Part[] {
  const { id, date, zone, isRestDay, scheduled } = row;
  const pieces = row.pieces.flatMap(({ fromMs, toMs }) => {
    const from = scheduled && !rules.countBeforeShift ? Math.max(fromMs, scheduled.fromMs) : fromMs;
    const to = scheduled && !rules.countAfterShift ? Math.min(toMs, scheduled.toMs) : toMs;
    return to > from ? [{ fromMs: from, toMs: to }] : [];
  });
  const dated =
    rules.dailyBasis === 'workday'
      ? splitByDay(pieces, zone, rules.workdayStartsAt)
      : pieces.map((piece) => ({ ...piece, date }));
  return dated.map((piece) => ({ ...piece, row: id, isRestDay, bucket: 'regular', reason: 'regular' }));
}

function weekOf(start: string, parts: readonly Part[], rules: OvertimeRules): Part[] {
  const days = [...grouped(parts, ({ date }) => date)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const isWhole = days.length === 7;
  const daily = days.map(([date, ofDay]) => {
    const isSeventh = rules.seventhDay && isWhole && date === addDays(start, 6);
    return isSeventh ? seventhDay(ofDay) : dayOf(ofDay, rules);
  });
  const weekly = rules.weeklyMin === null ? daily : beyondWeek(daily, rules.weeklyMin * MINUTE);
  return weekly.flatMap((ofDay) => withoutTiny(ofDay, rules.minMinutes * MINUTE));
}

/** The time after `afterMs` of a day is in another bucket; the pieces before it are left as they are. */
function after(parts: readonly Part[], afterMs: number, bucket: Bucket, reason: Reason): Part[] {
  let elapsed = 0;
  return parts.flatMap((part) => {
    const begin = elapsed;
    elapsed += part.toMs - part.fromMs;
    if (elapsed <= afterMs) return [part];
    if (begin >= afterMs) return [{ ...part, bucket, reason }];
    const cutMs = part.fromMs + (afterMs - begin);
    return [
      { ...part, toMs: cutMs },
      { ...part, fromMs: cutMs, bucket, reason },
    ];
  });
}

function dayOf(parts: readonly Part[], { dailyMin, dailyDoubleMin }: OvertimeRules): Part[] {
  const single = dailyMin === null ? [...parts] : after(parts, dailyMin * MINUTE, 'ot1', 'daily');
  return dailyDoubleMin === null ? single : after(single, dailyDoubleMin * MINUTE, 'ot2', 'daily-double');
}

const seventhDay = (parts: readonly Part[]): Part[] =>
  after(after(parts, 0, 'ot1', 'seventh-day'), SEVENTH_DAY_MS, 'ot2', 'seventh-day');

/** Walks the week in order: what is regular beyond the threshold is overtime too. What is overtime already never counts. */
function beyondWeek(days: readonly (readonly Part[])[], thresholdMs: number): Part[][] {
  let regularMs = 0;
  return days.map((ofDay) =>
    ofDay.flatMap((part) => {
      if (part.bucket !== 'regular') return [part];
      const room = Math.max(0, thresholdMs - regularMs);
      regularMs += part.toMs - part.fromMs;
      return after([part], room, 'ot1', 'weekly');
    }),
  );
}

/** A few minutes more are nobody's overtime. */
function withoutTiny(parts: readonly Part[], leastMs: number): readonly Part[] {
  const isOver = ({ bucket }: Part): boolean => bucket !== 'regular';
  const overMs = lengthOf(parts.filter(isOver));
  return overMs > 0 && overMs < leastMs ? parts.filter((part) => !isOver(part)) : parts;
}

function payOf(parts: readonly Part[], rules: OvertimeRules, holidays: ReadonlySet<string>): RowPay {
  const ofBucket = (bucket: Bucket): number => roundSec(lengthOf(parts.filter((part) => part.bucket === bucket)));
  const lines = new Map<string, { ms: number; line: PayLine }>();
  for (const part of parts) {
    const { factorPpm, reason } = factorOf(part, rules, holidays);
    const key = `${part.bucket} ${factorPpm} ${reason}`;
    const known = lines.get(key) ?? { ms: 0, line: line(part.bucket, 0, factorPpm, reason) };
    known.ms += part.toMs - part.fromMs;
    lines.set(key, known);
  }
  return {
    regularSec: ofBucket('regular'),
    ot1Sec: ofBucket('ot1'),
    ot2Sec: ofBucket('ot2'),
    pay: [...lines.values()].map(({ ms, line: one }) => ({ ...one, seconds: roundSec(ms) })),
  };
}

/** Factors replace each other, they do not multiply: the highest counts. */
function factorOf(
  part: Part,
  rules: OvertimeRules,
  holidays: ReadonlySet<string>,
): { factorPpm: number; reason: Reason } {
  const own = { regular: WHOLE_PPM, ot1: rules.factor1Ppm, ot2: rules.factor2Ppm }[part.bucket];
  const others: [number | null, Reason][] = [
    [holidays.has(part.date) ? rules.holidayFactorPpm : null, 'holiday'],
    [part.isRestDay ? rules.restDayFactorPpm : null, 'rest-day'],
    [weekdayOf(part.date) === SUNDAY ? rules.sundayFactorPpm : null, 'sunday'],
  ];
  let best = { factorPpm: own, reason: part.reason };
  for (const [factorPpm, reason] of others)
    if (factorPpm !== null && factorPpm > best.factorPpm) best = { factorPpm, reason };
  return best;
}

const line = (bucket: Bucket, seconds: number, factorPpm: number, reason: Reason): PayLine => ({
  bucket,
  seconds,
  factorPpm,
  reason,
});
const roundSec = (ms: number): number => Math.round(ms / 1_000);
const lengthOf = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);
