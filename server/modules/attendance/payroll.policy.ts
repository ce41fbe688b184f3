import type { PayLine } from '@loro/contracts/attendance-values';

export interface PaidDay {
  readonly userId: string;
  readonly name: string;
  /** Approved overtime. */
  readonly ot1Sec: number;
  readonly ot2Sec: number;
  readonly pay: readonly PayLine[];
}

/** Seconds of each person by kind and factor. Overtime that nobody approved is nobody’s pay. */
export function payrollRows(days: readonly PaidDay[]): (PayLine & { userId: string; name: string })[] {
  const sums = new Map<string, PayLine & { userId: string; name: string }>();
  for (const { userId, name, ot1Sec, ot2Sec, pay } of days) {
    const left = { regular: Number.POSITIVE_INFINITY, ot1: ot1Sec, ot2: ot2Sec };
    // What is worth most is approved first.
    for (const line of pay.toSorted((a, b) => b.factorPpm - a.factorPpm)) {
      const seconds = Math.min(line.seconds, left[line.bucket]);
      left[line.bucket] -= seconds;
      if (seconds === 0) continue;
      const key = `${userId} ${line.bucket} ${line.reason} ${line.factorPpm}`;
      const known = sums.get(key);
      sums.set(key, { ...line, userId, name, seconds: seconds + (known?.seconds ?? 0) });
    }
  }
  return [...sums.values()];
}
