import type { OvertimeRules } from '@loro/contracts/attendance-overtime';
import type { DayFlag, PayLine } from '@loro/contracts/attendance-values';
import { addDays, grouped } from '../../platform';
import { type DayFacts, type DayRules, type DayLeave, judgeDay, type JudgedDay } from './day.policy';
import { hashOf } from './inputs-hash.policy';
import { assignPunches, NONE, type Occurrence, slotOf } from './occurrences.policy';
import { overtimeOf, plainPay, type RowPay, weekStartOf } from './overtime.policy';
import type { DayPunch } from './pairing.policy';
import { PLAIN, type Source } from './schedule.policy';

const MINUTE = 60_000;

/** What stands about one date of one person. */
export interface DateFacts {
  readonly date: string;
  readonly branchId: string | null;
  readonly zone: string;
  readonly endsMs: number;
  readonly source: Source;
  readonly isOff: boolean;
  readonly occurrences: readonly Occurrence[];
  readonly holiday: DayFacts['holiday'];
  readonly leave: readonly DayLeave[];
  readonly isExcused: boolean;
  readonly rules: DayRules;
  /** Overtime that was allowed beforehand, in seconds. */
  readonly allowedSec: number;
}

export interface PolicyFacts {
  readonly id: string;
  readonly rules: OvertimeRules;
}

/** Approved seconds of each bucket, by slot. */
export type Approvals = ReadonlyMap<string, { readonly ot1Sec: number; readonly ot2Sec: number }>;

export interface PersonFacts {
  /** Every date from two before the first that is wanted to two after the last. */
  readonly dates: readonly DateFacts[];
  readonly punches: readonly DayPunch[];
  readonly evidence: ReadonlyMap<string, number | null>;
  readonly policies: ReadonlyMap<string, PolicyFacts>;
  readonly defaultPolicyId: string | null;
  readonly approvals: Approvals;
  readonly nowMs: number;
}

export interface WantedClaim {
  readonly bucket: 1 | 2;
  readonly seconds: number;
  readonly factorPpm: number;
  /** What of it needs no decision. */
  readonly allowedSec: number;
}

/** One computed row: an occurrence of a date, or what of the date belongs to none. */
export interface ComputedDay {
  readonly slot: string;
  readonly key: string;
  readonly facts: DateFacts;
  readonly occurrence: Occurrence | null;
  readonly policyId: string | null;
  readonly punches: readonly DayPunch[];
  readonly judged: JudgedDay;
  readonly flags: readonly DayFlag[];
  readonly regularSec: number;
  readonly ot1Sec: number;
  readonly ot2Sec: number;
  readonly otUnapprovedSec: number;
  readonly pay: readonly PayLine[];
  readonly claims: readonly WantedClaim[];
  readonly inputsHash: string;
}

/** The dates that must be computed together with a date: the weeks in which it and its neighbours lie. */
export function spanAround(from: string, to: string, weekStarts: Iterable<number>): { from: string; to: string } {
  const starts = [...weekStarts];
  const before = addDays(from, -1);
  const after = addDays(to, 1);
  const first = starts.map((start) => weekStartOf(before, start)).toSorted()[0] ?? before;
  const last =
    starts
      .map((start) => addDays(weekStartOf(after, start), 6))
      .toSorted()
      .at(-1) ?? after;
  return { from: first < before ? first : before, to: last > after ? last : after };
}

/** All rows of a person from a date to a date, both included: a pure function of the facts (A15). */
export function computePerson(facts: PersonFacts, from: string, to: string): ComputedDay[] {
  const byDate = new Map(facts.dates.map((one) => [one.date, one]));
  const occurrences = facts.dates.flatMap((one) => one.occurrences);
  const assigned = assignAll(facts.punches, occurrences);
  const judged = facts.dates
    .filter(({ date }) => date >= addDays(from, -1) && date <= to)
    .flatMap((date) => rowsOf(date, assigned, facts));
  const pay = payOf(judged, facts, byDate);
  const capped = cappedOf(judged, pay, facts);
  let outMs: number | null = null;
  return judged.flatMap((row) => {
    const before: number | null = outMs;
    outMs = row.judged.lastOutMs ?? row.judged.openSinceMs ?? outMs;
    if (row.facts.date < from || !isWhole(row, facts, from, to)) return [];
    return [
      finish(row, { pay: pay.get(row.slot) ?? plainPay([]), isCapped: capped.has(row.slot), beforeMs: before }, facts),
    ];
  });
}

/** Visits happen within a day’s work: they make a day of their own only where nothing else was punched. */
function assignAll(punches: readonly DayPunch[], occurrences: readonly Occurrence[]): Map<string, DayPunch[]> {
  const visits = punches.filter(({ isVisit }) => isVisit);
  if (visits.length === 0) return assignPunches(punches, occurrences);
  const assigned = assignPunches(
    punches.filter(({ isVisit }) => !isVisit),
    occurrences,
  );
  const taken = new Set([...assigned.keys()].map((slot) => slot.slice(0, 10)));
  for (const [slot, some] of assignPunches(visits, occurrences))
    if (!taken.has(slot.slice(0, 10))) assigned.set(slot, some);
  return assigned;
}

/** Of several policies, one may have its week beyond what is computed: such a row is left as it is. */
function isWhole({ policyId, facts: { date } }: Row, { policies }: PersonFacts, from: string, to: string): boolean {
  const rules = policies.get(policyId ?? '')?.rules;
  if (!rules) return true;
  const start = weekStartOf(date, rules.weekStartsOn);
  return start >= from && addDays(start, 6) <= to;
}

type Row = Pick<ComputedDay, 'slot' | 'key' | 'facts' | 'occurrence' | 'policyId' | 'punches' | 'judged'> & {
  readonly said: DayFacts;
};

function rowsOf(date: DateFacts, assigned: ReadonlyMap<string, DayPunch[]>, facts: PersonFacts): Row[] {
  const loose = assigned.get(slotOf(date.date, NONE)) ?? [];
  const occurrences: readonly (Occurrence | null)[] =
    date.occurrences.length === 0 || loose.length > 0 ? [...date.occurrences, null] : date.occurrences;
  return occurrences.map((occurrence) => {
    const key = occurrence?.key ?? NONE;
    const slot = slotOf(date.date, key);
    const punches = assigned.get(slot) ?? [];
    const template = occurrence?.template ?? PLAIN;
    const said: DayFacts = {
      ...date,
      zone: occurrence?.zone ?? date.zone,
      occurrence,
      template,
      punches,
      evidence: facts.evidence,
      signs: facts.punches.flatMap(({ isVisit, localDate, atMs }) =>
        isVisit && localDate === date.date ? [atMs] : [],
      ),
      dateEndsMs: date.endsMs,
      nowMs: facts.nowMs,
    };
    const policyId = template.overtimePolicyId ?? facts.defaultPolicyId;
    return { slot, key, facts: date, occurrence, policyId, punches, judged: judgeDay(said), said };
  });
}

/** Overtime by policy: each has its own weeks. */
function payOf(rows: readonly Row[], facts: PersonFacts, byDate: ReadonlyMap<string, DateFacts>): Map<string, RowPay> {
  const holidays = new Set(
    [...byDate.values()].flatMap(({ date, holiday }) => (holiday?.portion === 'full' ? [date] : [])),
  );
  const pay = new Map<string, RowPay>();
  for (const [policyId, ofPolicy] of grouped(rows, (row) => row.policyId ?? '')) {
    const policy = facts.policies.get(policyId);
    if (!policy) {
      for (const { slot, judged } of ofPolicy) pay.set(slot, plainPay(judged.pieces));
      continue;
    }
    const week = ofPolicy.map(({ slot, facts: date, said, judged, occurrence }) => ({
      id: slot,
      date: date.date,
      zone: said.zone,
      pieces: judged.pieces,
      scheduled: occurrence && { fromMs: occurrence.startMs, toMs: occurrence.endMs },
      isRestDay: date.isOff,
    }));
    for (const [slot, one] of overtimeOf(week, policy.rules, holidays)) pay.set(slot, one);
  }
  return pay;
}

/** Rows at which a week has more overtime than the policy allows. */
function cappedOf(rows: readonly Row[], pay: ReadonlyMap<string, RowPay>, { policies }: PersonFacts): Set<string> {
  const capped = new Set<string>();
  const sums = new Map<string, number>();
  for (const { slot, facts, policyId } of rows) {
    const rules = policies.get(policyId ?? '')?.rules;
    const paid = pay.get(slot);
    if (!rules || rules.maxPerWeekMin === null || !paid) continue;
    const week = `${policyId} ${weekStartOf(facts.date, rules.weekStartsOn)}`;
    const over = paid.ot1Sec + paid.ot2Sec;
    const sum = (sums.get(week) ?? 0) + over;
    sums.set(week, sum);
    if (over > 0 && sum > rules.maxPerWeekMin * 60) capped.add(slot);
  }
  return capped;
}

interface Outcome {
  readonly pay: RowPay;
  readonly isCapped: boolean;
  /** When somebody left last before this row. */
  readonly beforeMs: number | null;
}

function finish({ said, ...row }: Row, { pay, isCapped, beforeMs }: Outcome, facts: PersonFacts): ComputedDay {
  const { judged, slot } = row;
  const rules = facts.policies.get(row.policyId ?? '')?.rules;
  const isShortRest =
    rules?.minRestMin !== undefined &&
    rules.minRestMin !== null &&
    beforeMs !== null &&
    judged.firstInMs !== null &&
    judged.firstInMs - beforeMs < rules.minRestMin * MINUTE;
  const extra: DayFlag[] = [
    ...(isCapped ? ['ot_cap_exceeded' as const] : []),
    ...(isShortRest ? ['rest_short' as const] : []),
  ];
  const flags = [...judged.flags, ...extra].toSorted();
  const approvals = facts.approvals.get(slot) ?? { ot1Sec: 0, ot2Sec: 0 };
  const free = rules && !rules.requireApproval ? Number.POSITIVE_INFINITY : row.facts.allowedSec;
  const free1 = Math.min(pay.ot1Sec, free);
  const free2 = Math.min(pay.ot2Sec, free - free1);
  const ot1Sec = Math.min(pay.ot1Sec, Math.max(free1, approvals.ot1Sec));
  const ot2Sec = Math.min(pay.ot2Sec, Math.max(free2, approvals.ot2Sec));
  return {
    ...row,
    flags,
    regularSec: pay.regularSec,
    ot1Sec,
    ot2Sec,
    otUnapprovedSec: pay.ot1Sec + pay.ot2Sec - ot1Sec - ot2Sec,
    pay: pay.pay,
    claims: ([1, 2] as const).flatMap((bucket) => {
      const seconds = bucket === 1 ? pay.ot1Sec : pay.ot2Sec;
      if (seconds === 0) return [];
      const ofBucket = pay.pay.filter((line) => line.bucket === `ot${bucket}`);
      const factorPpm = Math.max(...ofBucket.map((line) => line.factorPpm));
      return [{ bucket, seconds, factorPpm, allowedSec: bucket === 1 ? free1 : free2 }];
    }),
    inputsHash: hashOf(said, [row.key, row.policyId, row.facts.branchId, flags, pay.pay, ot1Sec, ot2Sec, judged.phase]),
  };
}
