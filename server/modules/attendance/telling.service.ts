import { attendanceLive, type DayTold } from '@loro/contracts/attendance-live';
import { type After, grouped } from '../../platform';
import type { NewClaim, WrittenDay } from './days.store';

/** So many days of one branch at once are told as one: its listeners read them again. */
const MANY = 50;

/** What a computation changed. */
export interface Changes {
  readonly orgId: string;
  readonly days: (WrittenDay & { readonly userId: string; readonly isNew: boolean })[];
  readonly removed: {
    readonly id: string;
    readonly userId: string;
    readonly branchId: string | null;
    readonly date: string;
    readonly version: number;
  }[];
  readonly claims: NewClaim[];
}

interface Told extends DayTold {
  readonly branchId: string | null;
  readonly isClosed: boolean;
}

/** Tells people of their own days, and branches of those of their people. */
export class TellingService {
  tell({ orgId, days, removed, claims }: Changes, after: After): void {
    const all: Told[] = [
      ...days.map(changed),
      ...removed.map(({ id, userId, branchId, date, version }) => {
        const gone = { dayId: id, userId, workDate: date, status: 'expected' as const, workedSec: 0, flags: [] };
        return { ...gone, version: version + 1, branchId, isClosed: false };
      }),
    ];
    for (const { branchId: _, isClosed, ...told } of all) {
      after.publish(attendanceLive, 'attendance:day-updated', { orgId, id: told.userId }, told);
      if (isClosed) after.publish(attendanceLive, 'attendance:auto-closed', { orgId, id: told.userId }, told);
    }
    for (const [branchId, ofBranch] of grouped(all, (one) => one.branchId ?? ''))
      if (branchId !== '') this.tellBranch(orgId, branchId, ofBranch, after);
    this.tellClaims(orgId, claims, after);
  }

  private tellBranch(orgId: string, branchId: string, days: readonly Told[], after: After): void {
    if (days.length < MANY) {
      for (const { branchId: _, isClosed: __, ...told } of days)
        after.publish(attendanceLive, 'attendance:day-updated', { orgId, id: branchId }, told);
      return;
    }
    const dates = days.map(({ workDate }) => workDate).toSorted();
    const [from = '', to = from] = [dates[0], dates.at(-1)];
    after.publish(
      attendanceLive,
      'attendance:days-updated',
      { orgId, id: branchId },
      { branchId, from, to, days: days.length },
    );
  }

  private tellClaims(orgId: string, claims: readonly NewClaim[], after: After): void {
    for (const { id, userId, branchId, date, allowedSec, seconds } of claims)
      if (branchId !== null && allowedSec < seconds)
        after.publish(
          attendanceLive,
          'overtime:claimed',
          { orgId, id: branchId },
          { id, userId, workDate: date, state: 'pending' },
        );
  }
}

function changed({ row, id, userId, version }: Changes['days'][number]): Told {
  const { judged, facts, flags } = row;
  return {
    dayId: id,
    userId,
    workDate: facts.date,
    status: judged.status ?? 'expected',
    workedSec: judged.workedSec,
    flags: [...flags],
    version,
    branchId: facts.branchId,
    isClosed: judged.flags.has('auto_closed'),
  };
}
