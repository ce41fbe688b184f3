import type { CapacityDay } from '@loro/contracts/branches-figures';
import { addDays } from '../../platform';
import { type Dated, isOn } from './staffing.policy';

export interface Post extends Dated {
  readonly userId: string;
  /** Hundredths of a full-time person. */
  readonly fteCenti: number;
}

export interface Sized {
  readonly capacityHeads: number | null;
  readonly capacityFte: number | null;
}

/** Every date of a half-open span. */
export function datesOf({ from, to }: { readonly from: string; readonly to: string }): string[] {
  const dates: string[] = [];
  for (let date = from; date < to; date = addDays(date, 1)) dates.push(date);
  return dates;
}

/** One day: who belongs to the branch, less who is on leave, against what the branch is made for. Sums in whole hundredths. */
export function capacityOn(
  date: string,
  posts: readonly Post[],
  leave: ReadonlyMap<string, ReadonlySet<string>>,
  { capacityHeads, capacityFte }: Sized,
): CapacityDay {
  const there = posts.filter((post) => isOn(post, date));
  const away = there.filter(({ userId }) => leave.get(userId)?.has(date));
  const total = sum(there);
  const onLeave = sum(away);
  const heads = new Set(there.map(({ userId }) => userId)).size;
  const made = capacityFte === null ? null : Math.round(capacityFte * 100);
  return {
    date,
    heads,
    fte: (total - onLeave) / 100,
    onLeaveHeads: new Set(away.map(({ userId }) => userId)).size,
    onLeaveFte: onLeave / 100,
    vacantHeads: capacityHeads === null ? null : Math.max(0, capacityHeads - heads),
    vacantFte: made === null ? null : Math.max(0, made - total) / 100,
    usePpm: made === null || made === 0 ? null : Math.round(((total - onLeave) * 1_000_000) / made),
  };
}

const sum = (posts: readonly Post[]): number => posts.reduce((whole, { fteCenti }) => whole + fteCenti, 0);
