import type { Rounding, ShiftBreak } from '@loro/contracts/attendance-rosters';
import { addDays } from '../../platform';
import type { Stretch } from './pairing.policy';
import { localDateOf, offsetMs, wallMs } from './wall.policy';

const MINUTE = 60_000;
const DAY_MS = 86_400_000;

/** A pair as it counts: rounded, closed, with its breaks. */
export interface Counted extends Stretch {
  readonly breaks: readonly Stretch[];
  /** Waits for somebody to confirm its punches. */
  readonly isPending: boolean;
}

/** Time at work without breaks, and of which pair. */
export interface Piece extends Stretch {
  readonly isPending: boolean;
}

export interface Worked {
  readonly pieces: readonly Piece[];
  readonly punchedBreakSec: number;
  readonly automaticBreakSec: number;
  /** What of the punched breaks is paid. */
  readonly paidBreakSec: number;
}

const lengthOf = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, toMs - fromMs), 0);
export const secondsOf = (stretches: readonly Stretch[]): number => Math.round(lengthOf(stretches) / 1_000);

type Edge = 'begin' | 'end';

/** A punch as it counts, on the minutes of the wall clock (A5). The raw one is kept. */
export function roundedMs(atMs: number, edge: Edge, { mode, stepMin }: Rounding, zone: string): number {
  if (mode === 'none') return atMs;
  const local = atMs + offsetMs(atMs, zone);
  const ofDay = ((local % DAY_MS) + DAY_MS) % DAY_MS;
  const step = stepMin * MINUTE;
  return atMs + roundTo(ofDay, step, mode, edge) - ofDay;
}

function roundTo(value: number, step: number, mode: Rounding['mode'], edge: Edge): number {
  if (mode === 'nearest') return Math.floor((value + step / 2) / step) * step;
  const isDown = (mode === 'employee_favour') === (edge === 'begin');
  return (isDown ? Math.floor(value / step) : Math.ceil(value / step)) * step;
}

/** Elapsed instants without breaks (A4): what was punched, and what an automatic break still takes. */
export function workedOf(pairs: readonly Counted[], breaks: readonly ShiftBreak[], rounding: Rounding): Worked {
  const grossMs = lengthOf(pairs);
  const due = breaks.filter(({ afterMin }) => grossMs > afterMin * MINUTE);
  const punched = pairs.flatMap((pair) => pair.breaks.map((one) => within(one, pair)));
  const paidMs = Math.min(lengthOf(punched), sum(due.filter(({ paid }) => paid)));
  const pieces = withoutBreaks(pairs, paidMs);
  // Who went and came back had a break as well.
  let offMs = lengthOf(punched) - paidMs + gapsOf(pairs);
  let cut = 0;
  let left: readonly Piece[] = pieces;
  for (const { afterMin, lengthMin } of due.filter(({ paid, auto }) => auto && !paid).toSorted(byAfter)) {
    const lengthMs = lengthMin * MINUTE;
    const missing = Math.max(0, lengthMs - offMs);
    offMs = Math.max(0, offMs - lengthMs);
    const taken = cutOut(left, afterMin * MINUTE, missing);
    cut += lengthOf(left) - lengthOf(taken);
    left = taken;
  }
  return {
    pieces: rounding.applyTo === 'total' ? totalRounded(left, rounding) : left,
    punchedBreakSec: secondsOf(punched),
    automaticBreakSec: Math.round(cut / 1_000),
    paidBreakSec: Math.round(paidMs / 1_000),
  };
}

const byAfter = (a: ShiftBreak, b: ShiftBreak): number => a.afterMin - b.afterMin;
const sum = (breaks: readonly ShiftBreak[]): number => breaks.reduce((all, one) => all + one.lengthMin, 0) * MINUTE;
const within = ({ fromMs, toMs }: Stretch, pair: Stretch): Stretch => ({
  fromMs: Math.min(Math.max(fromMs, pair.fromMs), pair.toMs),
  toMs: Math.min(Math.max(toMs, pair.fromMs), pair.toMs),
});

function gapsOf(pairs: readonly Stretch[]): number {
  let gaps = 0;
  for (const [index, pair] of pairs.entries()) gaps += Math.max(0, (pairs[index + 1]?.fromMs ?? pair.toMs) - pair.toMs);
  return gaps;
}

/** Breaks come off, the first `paidMs` of them do not. */
function withoutBreaks(pairs: readonly Counted[], paidMs: number): Piece[] {
  let paid = paidMs;
  return pairs.flatMap((pair) => {
    const { isPending } = pair;
    const pieces: Piece[] = [];
    let fromMs = pair.fromMs;
    for (const raw of pair.breaks.toSorted((a, b) => a.fromMs - b.fromMs)) {
      const one = within(raw, pair);
      const kept = Math.min(paid, Math.max(0, one.toMs - one.fromMs));
      paid -= kept;
      if (one.fromMs + kept >= one.toMs) continue;
      pieces.push({ fromMs, toMs: Math.max(fromMs, one.fromMs + kept), isPending });
      fromMs = Math.max(fromMs, one.toMs);
    }
    return [...pieces, { fromMs, toMs: pair.toMs, isPending }].filter(({ fromMs: from, toMs }) => toMs > from);
  });
}

/** Takes so much out from the moment on at which somebody had worked `afterMs`; at the end where there is no more. */
function cutOut(pieces: readonly Piece[], afterMs: number, lengthMs: number): readonly Piece[] {
  const whole = lengthOf(pieces);
  const taken = Math.min(lengthMs, whole);
  if (taken === 0) return pieces;
  const from = Math.max(0, Math.min(afterMs, whole - taken));
  const to = from + taken;
  let elapsed = 0;
  return pieces.flatMap((piece) => {
    const length = piece.toMs - piece.fromMs;
    const [begin, end] = [elapsed, elapsed + length];
    elapsed = end;
    if (end <= from || begin >= to) return [piece];
    return [
      { ...piece, toMs: piece.fromMs + Math.max(0, from - begin) },
      { ...piece, fromMs: piece.toMs - Math.max(0, end - to) },
    ].filter(({ fromMs, toMs }) => toMs > fromMs);
  });
}

/** What counts of a day in whole steps; the last piece is as much longer or shorter. */
function totalRounded(pieces: readonly Piece[], { mode, stepMin }: Rounding): readonly Piece[] {
  if (mode === 'none' || pieces.length === 0) return pieces;
  const total = lengthOf(pieces);
  let missing = roundTo(total, stepMin * MINUTE, mode, 'end') - total;
  const rounded: Piece[] = [];
  for (const piece of pieces.toReversed()) {
    const change = Math.max(missing, piece.fromMs - piece.toMs);
    missing -= change;
    if (piece.toMs + change > piece.fromMs) rounded.unshift({ ...piece, toMs: piece.toMs + change });
  }
  return rounded;
}

/** Time within the night, which begins anew on every local date (A8). */
export function nightSecOf(pieces: readonly Stretch[], zone: string, nightFrom: string, nightTo: string): number {
  const first = pieces[0];
  const last = pieces.at(-1);
  if (!first || !last || nightFrom === nightTo) return 0;
  const until = localDateOf(last.toMs, zone);
  let total = 0;
  for (let date = addDays(localDateOf(first.fromMs, zone), -1); date <= until; date = addDays(date, 1)) {
    const fromMs = wallMs(date, nightFrom, zone);
    const toMs = wallMs(nightTo > nightFrom ? date : addDays(date, 1), nightTo, zone);
    for (const piece of pieces) total += Math.max(0, Math.min(piece.toMs, toMs) - Math.max(piece.fromMs, fromMs));
  }
  return Math.round(total / 1_000);
}

export interface OnDate extends Stretch {
  readonly date: string;
}

/** Pieces cut where a local day begins, at `startsAt` of the clock on the wall or at the first instant after it. */
export function splitByDay<P extends Stretch>(pieces: readonly P[], zone: string, startsAt = '00:00'): (P & OnDate)[] {
  return pieces.flatMap((piece) => {
    const parts: (P & OnDate)[] = [];
    let date = localDateOf(piece.fromMs, zone);
    if (piece.fromMs < dayStart(date, startsAt, zone)) date = addDays(date, -1);
    for (let { fromMs } = piece; fromMs < piece.toMs; date = addDays(date, 1)) {
      const toMs = Math.min(piece.toMs, dayStart(addDays(date, 1), startsAt, zone));
      if (toMs > fromMs) parts.push({ ...piece, fromMs, toMs, date });
      fromMs = Math.max(fromMs, toMs);
    }
    return parts;
  });
}

/** Midnight may not exist: the first instant of Cairo’s 24 April 2026 is 01:00, which the rule for missing times gives. */
const dayStart = (date: string, startsAt: string, zone: string): number => wallMs(date, startsAt, zone);

/** Elapsed seconds by local date. */
export function secondsByDate(pieces: readonly Stretch[], zone: string): { date: string; seconds: number }[] {
  const byDate = new Map<string, number>();
  for (const { date, fromMs, toMs } of splitByDay(pieces, zone))
    byDate.set(date, (byDate.get(date) ?? 0) + toMs - fromMs);
  return [...byDate].map(([date, ms]) => ({ date, seconds: Math.round(ms / 1_000) }));
}
