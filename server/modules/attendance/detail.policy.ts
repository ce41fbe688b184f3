import type { DayExplanation } from '@loro/contracts/attendance-values';
import { ExplainedPair, PayLine, verifications } from '@loro/contracts/attendance-values';
import { z } from 'zod';
import type { ComputedDay } from './compute.policy';
import type { JudgedPair } from './day.policy';
import { secondsByDate } from './worked.policy';

/** What of a computed day is kept beside its sums, so that it can be explained as it was, locked or not. */
export const DayDetail = z.object({
  pairs: z.array(ExplainedPair),
  punchIds: z.array(z.string()),
  byDate: z.array(z.object({ date: z.string(), seconds: z.number() })),
  breaks: z.object({ punchedSec: z.number(), automaticSec: z.number(), paidSec: z.number() }),
  rounding: z.object({ mode: z.string(), stepMin: z.number(), applyTo: z.string() }),
  pay: z.array(PayLine),
  rules: z.array(z.object({ rule: z.string(), says: z.string() })),
  schedule: z.object({ source: z.string(), shiftName: z.string().nullable() }),
  leave: z.array(z.object({ typeCode: z.string(), milliDays: z.number(), half: z.string().nullable() })),
  holiday: z.string().nullable(),
  verification: z.record(z.enum(verifications), z.number()),
});
export type DayDetail = z.infer<typeof DayDetail>;

export function detailOf(row: ComputedDay): DayDetail {
  const { judged, occurrence, facts, punches, pay } = row;
  const rounding = occurrence?.template.rounding ?? { mode: 'none' as const, stepMin: 15, applyTo: 'punch' as const };
  const zone = occurrence?.zone ?? facts.zone;
  return {
    pairs: judged.pairs.map(pairOf),
    punchIds: punches.map(({ id }) => id),
    byDate: secondsByDate(judged.pieces, zone),
    breaks: {
      punchedSec: judged.breakSec - judged.automaticBreakSec,
      automaticSec: judged.automaticBreakSec,
      paidSec: judged.paidBreakSec,
    },
    rounding: { ...rounding },
    pay: [...pay],
    rules: rulesOf(row),
    schedule: { source: facts.source, shiftName: occurrence?.template.name ?? null },
    leave: facts.leave.map(({ typeCode, milliDays, half }) => ({ typeCode, milliDays, half })),
    holiday: facts.holiday?.name ?? null,
    verification: mixOf(row),
  };
}

const at = (ms: number): string => new Date(ms).toISOString();

function pairOf({ pair, counted, closedBy }: JudgedPair): DayExplanation['pairs'][number] {
  return {
    in: at(pair.in.atMs),
    out: pair.out ? at(pair.out.atMs) : null,
    countsFrom: counted && at(counted.fromMs),
    countsTo: counted && at(counted.toMs),
    seconds: counted ? Math.round((counted.toMs - counted.fromMs) / 1_000) : 0,
    breaks: pair.breaks.map(({ fromMs, toMs }) => ({ from: at(fromMs), to: at(toMs) })),
    closedBy,
    isPending: counted?.isPending ?? false,
  };
}

function mixOf({ punches }: ComputedDay): DayDetail['verification'] {
  const mix = { verified: 0, unverified: 0, remote: 0, failed: 0 };
  for (const { verification } of punches) mix[verification] += 1;
  return mix;
}

const minutes = (seconds: number): string => `${Math.round(seconds / 60)} min`;

/** In the order in which they were asked. */
function rulesOf(row: ComputedDay): DayDetail['rules'] {
  const { judged, occurrence, facts, otUnapprovedSec, pay } = row;
  const said: [string, string | null][] = [
    [
      'A1 occurrence',
      occurrence
        ? `${occurrence.template.name || 'the usual hours'}, ${at(occurrence.startMs)} to ${at(occurrence.endMs)} in ${occurrence.zone}, by the plan of: ${facts.source}`
        : facts.isOff
          ? `a day off, by the plan of: ${facts.source}`
          : 'no shift',
    ],
    [
      'A2 window',
      occurrence && `punches from ${at(occurrence.windowFromMs)} to ${at(occurrence.windowToMs)} can belong to it`,
    ],
    ['A3 pairing', judged.pairs.length > 0 ? `${judged.pairs.length} pairs` : null],
    ['A4 automatic break', judged.automaticBreakSec > 0 ? `${minutes(judged.automaticBreakSec)} taken off` : null],
    [
      'A5 rounding',
      occurrence && occurrence.template.rounding.mode !== 'none' ? occurrence.template.rounding.mode : null,
    ],
    ['A6 late', judged.lateSec > 0 ? `${minutes(judged.lateSec)}, beyond the grace` : null],
    ['A6 early', judged.earlySec > 0 ? `${minutes(judged.earlySec)}, beyond the grace` : null],
    ['A7 overtime', pay.some(({ bucket }) => bucket !== 'regular') ? `${minutes(otUnapprovedSec)} not approved` : null],
    ['A8 night', judged.nightSec > 0 ? minutes(judged.nightSec) : null],
    ['A13 auto-close', judged.flags.has('auto_closed') ? 'nobody ended it in time: correct it' : null],
    ['holiday', facts.holiday?.name ?? null],
    ['excuse', facts.isExcused ? 'excused' : null],
    [
      'verified punches',
      judged.pendingSec > 0 ? `${minutes(judged.pendingSec)} wait for somebody to confirm them` : null,
    ],
    ['I.2 status', judged.status],
  ];
  return said.flatMap(([rule, says]) => (says === null ? [] : [{ rule, says }]));
}
