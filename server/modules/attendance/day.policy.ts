import type { DayFlag, DayStatus } from '@loro/contracts/attendance-values';
import type { Occurrence } from './occurrences.policy';
import { type DayPunch, LONGEST_MS, type Pair, pairPunches } from './pairing.policy';
import type { Source, Template } from './schedule.policy';
import { type Counted, nightSecOf, type Piece, roundedMs, secondsOf, workedOf } from './worked.policy';

const MINUTE = 60_000;
const SETTLES_AFTER_MS = 30 * MINUTE;
/** Nobody is told of yesterday's absences. */
const ALERT_FOR_MS = 24 * 60 * MINUTE;
const WHOLE_DAY = 1_000;

export interface DayLeave {
  readonly milliDays: number;
  readonly half: 'first' | 'second' | null;
  readonly typeCode: string;
  readonly requestId: string;
}

export interface DayRules {
  readonly requireVerified: boolean;
  readonly strictAbsent: boolean;
  readonly absenceAlertMin: number;
}

/** Everything that decides about one occurrence, or about what of a date belongs to none. */
export interface DayFacts {
  readonly date: string;
  readonly zone: string;
  readonly occurrence: Occurrence | null;
  readonly template: Template;
  readonly source: Source;
  readonly isOff: boolean;
  readonly holiday: { readonly name: string; readonly portion: 'full' | 'am' | 'pm' } | null;
  readonly leave: readonly DayLeave[];
  readonly isExcused: boolean;
  readonly punches: readonly DayPunch[];
  /** The last sign of life after an `in` that nobody ended, by that punch; null where there is none. */
  readonly evidence: ReadonlyMap<string, number | null>;
  /** Other instants of the date at which somebody was at work, such as visits. */
  readonly signs: readonly number[];
  readonly rules: DayRules;
  /** The end of the date, for what belongs to no occurrence. */
  readonly dateEndsMs: number;
  readonly nowMs: number;
}

export interface JudgedPair {
  readonly pair: Pair;
  readonly counted: Counted | null;
  readonly closedBy: 'punch' | 'evidence' | 'scheduled-end' | 'nobody';
}

/** How far the day is: before the scheduled end, after it, after its window, and after everybody had time to say why. */
export type Phase = 0 | 1 | 2 | 3;

export interface JudgedDay {
  /** Null: there is nothing to say of it. */
  readonly status: DayStatus | null;
  readonly flags: ReadonlySet<DayFlag>;
  readonly phase: Phase;
  readonly pairs: readonly JudgedPair[];
  /** Time that counts. */
  readonly pieces: readonly Piece[];
  readonly scheduledSec: number;
  readonly workedSec: number;
  readonly breakSec: number;
  readonly automaticBreakSec: number;
  readonly paidBreakSec: number;
  readonly pendingSec: number;
  readonly lateSec: number;
  readonly earlySec: number;
  readonly nightSec: number;
  readonly firstInMs: number | null;
  readonly lastOutMs: number | null;
  readonly openSinceMs: number | null;
  /** When somebody must look again, though nothing happens. */
  readonly nextMs: number | null;
  /** Somebody should be there and is not. */
  readonly isMissing: boolean;
  /** Signs of life that would close what is open. */
  readonly asks: readonly { readonly punchId: string; readonly fromMs: number; readonly toMs: number }[];
}

/** What a day was, from its facts alone: the same facts always give the same day. */
export function judgeDay(facts: DayFacts): JudgedDay {
  const { occurrence, template, punches, nowMs, zone } = facts;
  const { pairs, flags: odd } = pairPunches(punches);
  const flags = new Set(odd);
  const last = pairs.at(-1);
  const closesMs = closingOf(facts, last);
  const phase = phaseOf(facts, closesMs);
  const isClosed = phase >= 2;
  const judged = pairs.map((pair) => judgePair(pair, facts, isClosed));
  const isAtWork = !isClosed && last?.isOpen === true && !flags.has('too_long');
  if (judged.some(({ closedBy, pair }) => pair.isOpen && closedBy !== 'nobody')) flags.add('auto_closed');
  if (isAtWork) {
    flags.add('in_progress');
    // Who is at work has not forgotten anything yet.
    if (!pairs.some(({ outMs, isOpen }) => outMs === null && !isOpen)) flags.delete('missing_out');
  }
  const counted = judged.flatMap((one) => (one.counted ? [one.counted] : []));
  const work = workedOf(counted, template.breaks, template.rounding);
  const pieces = work.pieces.filter(({ isPending }) => !isPending);
  const workedSec = secondsOf(pieces);
  const pendingSec = secondsOf(work.pieces.filter(({ isPending }) => isPending));
  if (!occurrence && punches.length > 0) flags.add('unscheduled');
  const status = statusOf(facts, { workedSec, pendingSec, flags, phase });
  const isMissing = isMissed(facts);
  return {
    status,
    flags,
    phase,
    pairs: judged,
    pieces,
    scheduledSec: occurrence ? scheduledSecOf(occurrence) : 0,
    workedSec,
    breakSec: work.punchedBreakSec + work.automaticBreakSec,
    automaticBreakSec: work.automaticBreakSec,
    paidBreakSec: work.paidBreakSec,
    pendingSec,
    ...lateness(facts, judged, phase),
    nightSec: nightSecOf(pieces, zone, template.nightFrom, template.nightTo),
    firstInMs: pairs[0]?.in.atMs ?? null,
    lastOutMs: isAtWork ? null : lastOutOf(judged),
    openSinceMs: isAtWork ? (last?.in.atMs ?? null) : null,
    nextMs: nextOf(facts, closesMs),
    isMissing: isMissing && occurrence !== null && nowMs < occurrence.windowToMs + ALERT_FOR_MS,
    asks: isClosed
      ? pairs.flatMap((pair) =>
          pair.isOpen ? [{ punchId: pair.in.id, fromMs: pair.in.atMs, toMs: limitOf(pair, facts) }] : [],
        )
      : [],
  };
}

/** When nobody waits for an `out` any more. */
function closingOf({ occurrence, dateEndsMs }: DayFacts, last: Pair | undefined): number {
  if (occurrence) return occurrence.windowToMs;
  return last?.isOpen ? last.in.atMs + LONGEST_MS : dateEndsMs;
}

function phaseOf({ occurrence, nowMs }: DayFacts, closesMs: number): Phase {
  if (nowMs >= closesMs + SETTLES_AFTER_MS) return 3;
  if (nowMs >= closesMs) return 2;
  return nowMs >= (occurrence?.endMs ?? closesMs) ? 1 : 0;
}

/** What is open is paid to the scheduled end at most. */
const limitOf = ({ in: begun }: Pair, { occurrence }: DayFacts): number =>
  occurrence ? Math.max(begun.atMs, occurrence.endMs) : begun.atMs + LONGEST_MS;

/** Closes what nobody ended at the last sign of life (A13), rounds what was punched (A5). */
function judgePair(pair: Pair, facts: DayFacts, isClosed: boolean): JudgedPair {
  const { template, zone, rules, evidence, occurrence } = facts;
  const rounding =
    template.rounding.applyTo === 'punch' ? template.rounding : { ...template.rounding, mode: 'none' as const };
  const fromMs = roundedMs(pair.in.atMs, 'begin', rounding, zone);
  const isDoubtful = ({ verification, isConfirmed }: DayPunch): boolean =>
    !isConfirmed && (verification === 'unverified' || verification === 'failed');
  const isPending = rules.requireVerified && [pair.in, ...(pair.out ? [pair.out] : [])].some(isDoubtful);
  const count = (toMs: number): Counted => ({ fromMs, toMs: Math.max(fromMs, toMs), breaks: pair.breaks, isPending });
  if (pair.outMs !== null)
    return { pair, counted: count(roundedMs(pair.outMs, 'end', rounding, zone)), closedBy: 'punch' };
  if (!pair.isOpen || !isClosed) return { pair, counted: null, closedBy: 'nobody' };
  const limitMs = limitOf(pair, facts);
  const signs = [evidence.get(pair.in.id), ...facts.signs, ...pair.breaks.map(({ toMs }) => toMs)].flatMap((at) =>
    at !== null && at !== undefined && at > pair.in.atMs && at <= limitMs ? [at] : [],
  );
  const isSeen = signs.length > 0;
  // Without a sign of life and without a shift nothing says that anybody worked.
  const endMs = isSeen ? Math.max(...signs) : occurrence ? limitMs : pair.in.atMs;
  const outMs = Math.min(endMs, pair.breakFromMs ?? endMs);
  return { pair, counted: count(outMs), closedBy: isSeen ? 'evidence' : 'scheduled-end' };
}

function lastOutOf(pairs: readonly JudgedPair[]): number | null {
  const last = pairs.at(-1);
  if (!last) return null;
  return last.pair.out?.atMs ?? last.counted?.toMs ?? null;
}

export function scheduledSecOf({ startMs, endMs, template }: Occurrence): number {
  const whole = endMs - startMs;
  const off = template.breaks.filter(({ auto, paid, afterMin }) => auto && !paid && whole > afterMin * MINUTE);
  return Math.max(0, Math.round(whole / 1_000) - off.reduce((sum, { lengthMin }) => sum + lengthMin * 60, 0));
}

const leaveOf = (leave: readonly DayLeave[]): number => leave.reduce((sum, { milliDays }) => sum + milliDays, 0);
const isFree = ({ leave, holiday }: DayFacts): boolean => leaveOf(leave) >= WHOLE_DAY || holiday?.portion === 'full';

/** Half a day off moves the beginning or the end to the middle of the shift. */
function boundsOf({ leave, holiday }: DayFacts, { startMs, endMs }: Occurrence): { startMs: number; endMs: number } {
  const middle = startMs + (endMs - startMs) / 2;
  const isOffFirst = leave.some(({ half }) => half === 'first') || holiday?.portion === 'am';
  const isOffSecond = leave.some(({ half }) => half === 'second') || holiday?.portion === 'pm';
  return { startMs: isOffFirst ? middle : startMs, endMs: isOffSecond ? middle : endMs };
}

/** Beyond the grace the whole of it counts (A6). Nothing is late on a day off, or without a shift. */
function lateness(facts: DayFacts, pairs: readonly JudgedPair[], phase: Phase): { lateSec: number; earlySec: number } {
  const { occurrence, template, zone } = facts;
  const [first] = pairs;
  const last = pairs.at(-1);
  if (!occurrence || !first || isFree(facts)) return { lateSec: 0, earlySec: 0 };
  const { startMs, endMs } = boundsOf(facts, occurrence);
  const rounding =
    template.rounding.applyTo === 'punch' ? template.rounding : { ...template.rounding, mode: 'none' as const };
  const lateMs = roundedMs(first.pair.in.atMs, 'begin', rounding, zone) - startMs;
  const out = last?.pair.out;
  const earlyMs = out && phase >= 1 ? endMs - roundedMs(out.atMs, 'end', rounding, zone) : 0;
  return {
    lateSec: lateMs > template.graceLateMin * MINUTE ? Math.round(lateMs / 1_000) : 0,
    earlySec: earlyMs > template.graceEarlyMin * MINUTE ? Math.round(earlyMs / 1_000) : 0,
  };
}

interface Sums {
  readonly workedSec: number;
  readonly pendingSec: number;
  readonly flags: Set<DayFlag>;
  readonly phase: Phase;
}

/** The first that holds decides (I.2). */
function statusOf(facts: DayFacts, sums: Sums): DayStatus | null {
  const { template, punches, holiday, isOff, occurrence, source } = facts;
  const { workedSec, pendingSec, flags, phase } = sums;
  const leave = leaveOf(facts.leave);
  const isAway = leave >= WHOLE_DAY;
  const halfSec = template.minHalfDayMin * 60;
  const none = punches.length === 0;
  if (isAway && none) return 'on_leave';
  if (isAway && workedSec > 0) {
    // The leave day is not consumed until somebody decides.
    flags.add('leave_conflict');
    if (workedSec >= halfSec) flags.add('worked_on_leave');
    return 'present';
  }
  if (holiday?.portion === 'full') return none ? 'holiday' : 'present';
  if (isOff) return none ? 'weekly_off' : 'present';
  const isRemote = punches.length > 0 && punches.every(({ verification }) => verification === 'remote');
  const isUnpaired = flags.has('missing_in') || flags.has('missing_out') || flags.has('too_long');
  if ((isUnpaired && phase >= 2) || flags.has('auto_closed')) return 'incomplete';
  if (flags.has('in_progress')) return isRemote ? 'remote' : 'present';
  if ((leave > 0 || holiday) && workedSec >= halfSec) return 'present';
  if (workedSec >= template.minPresentMin * 60) return isRemote ? 'remote' : 'present';
  if (workedSec >= halfSec) return 'half_day';
  if (workedSec > 0) {
    flags.add('short_day');
    return facts.rules.strictAbsent && occurrence ? 'absent' : 'half_day';
  }
  if (pendingSec > 0 || isUnpaired) return 'incomplete';
  if (facts.isExcused) return 'excused';
  if (isAway) return 'on_leave';
  if (occurrence) return phase === 3 ? 'absent' : 'expected';
  return none && source === 'none' ? null : 'incomplete';
}

/** Somebody who should be there by now said nothing at all. */
function isMissed(facts: DayFacts): boolean {
  const { occurrence, punches, isExcused, nowMs } = facts;
  if (!occurrence || punches.length > 0 || isExcused || isFree(facts)) return false;
  return nowMs >= alertMsOf(facts, occurrence);
}

const alertMsOf = (facts: DayFacts, occurrence: Occurrence): number =>
  boundsOf(facts, occurrence).startMs + (facts.template.graceLateMin + facts.rules.absenceAlertMin) * MINUTE;

function nextOf(facts: DayFacts, closesMs: number): number | null {
  const { occurrence, punches, nowMs } = facts;
  if (!occurrence && punches.length === 0) return null;
  if (punches.length === 0 && isFree(facts)) return null;
  const instants = [
    ...(occurrence ? [alertMsOf(facts, occurrence), occurrence.endMs] : []),
    closesMs,
    closesMs + SETTLES_AFTER_MS,
  ];
  const later = instants.filter((at) => at > nowMs);
  return later.length === 0 ? null : Math.min(...later);
}
