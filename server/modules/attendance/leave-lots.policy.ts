import type { LotKind } from '@loro/contracts/leave-values';

export interface Lot {
  readonly id: string;
  readonly kind: LotKind;
  /** What is left of it and not reserved. */
  readonly free: number;
  readonly validFrom: string;
  /** The last day on which it can be taken. */
  readonly expiresOn: string | null;
}

export interface Need {
  readonly date: string;
  readonly milliDays: number;
}

export interface Take {
  readonly date: string;
  /** Null: taken ahead, from nothing that is there. */
  readonly lotId: string | null;
  readonly milliDays: number;
}

export interface Plan {
  readonly takes: Take[];
  /** What nothing covers. */
  readonly missing: number;
}

const NEVER = '9999-12-31';

/** The first to expire first, then the oldest. */
export const inOrder = (a: Lot, b: Lot): number =>
  compare(a.expiresOn ?? NEVER, b.expiresOn ?? NEVER) || compare(a.validFrom, b.validFrom) || compare(a.id, b.id);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a lot can pay for a date: the date counts, not the day on which it is asked. */
export const isValidOn = ({ validFrom, expiresOn }: Pick<Lot, 'validFrom' | 'expiresOn'>, date: string): boolean =>
  validFrom <= date && (expiresOn === null || expiresOn >= date);

/**
 * Which lots pay for which dates (A12): of those that are valid on the date the first to expire, then the oldest. A lot
 * that expires in the middle pays for the dates until then. `ahead`: how much may be taken beyond what is there.
 */
export function consume(lots: readonly Lot[], needs: readonly Need[], ahead = 0): Plan {
  const left = lots
    .filter(({ free }) => free > 0)
    .toSorted(inOrder)
    .map((lot) => ({ lot, free: lot.free }));
  const takes: Take[] = [];
  let [missing, debt] = [0, ahead];
  for (const { date, milliDays } of needs.toSorted((a, b) => compare(a.date, b.date))) {
    let open = milliDays;
    for (const entry of left) {
      if (open === 0) break;
      if (entry.free === 0 || !isValidOn(entry.lot, date)) continue;
      const part = Math.min(open, entry.free);
      takes.push({ date, lotId: entry.lot.id, milliDays: part });
      entry.free -= part;
      open -= part;
    }
    const borrowed = Math.min(open, debt);
    if (borrowed > 0) takes.push({ date, lotId: null, milliDays: borrowed });
    debt -= borrowed;
    missing += open - borrowed;
  }
  return { takes, missing };
}

export interface Closing {
  readonly carried: number;
  readonly lots: { readonly id: string; readonly carry: number; readonly expire: number }[];
}

/** What becomes of what a leave year leaves (A11): as much as may is carried, of the newest lots; the rest expires. */
export function closeYear(lots: readonly Lot[], carryMax: number | null): Closing {
  const ordered = lots.filter(({ free }) => free > 0).toSorted(inOrder);
  const total = ordered.reduce((sum, { free }) => sum + free, 0);
  const carried = carryMax === null ? total : Math.min(total, carryMax);
  let toExpire = total - carried;
  const parts = ordered.map(({ id, free }) => {
    const expire = Math.min(free, toExpire);
    toExpire -= expire;
    return { id, expire, carry: free - expire };
  });
  return { carried, lots: parts };
}

/** Whether the end of a leave year touches a lot: time off in lieu, debts and what has a last day of its own stay as they are. */
export const isOfYear = ({ kind, validFrom, expiresOn }: Lot, yearEnd: string): boolean =>
  kind !== 'comp_off' && kind !== 'overdraft' && expiresOn === null && validFrom <= yearEnd;
