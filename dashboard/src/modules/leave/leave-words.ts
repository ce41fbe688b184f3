import type { LeaveRequest } from '@loro/contracts/leave-values';
import type { Tone } from '../../ui/badge';

export const states: Readonly<Record<LeaveRequest['state'], { title: string; tone: Tone }>> = {
  draft: { title: 'Draft', tone: 'neutral' },
  pending: { title: 'Waits', tone: 'warn' },
  approved: { title: 'Approved', tone: 'good' },
  taken: { title: 'Taken', tone: 'neutral' },
  rejected: { title: 'Refused', tone: 'bad' },
  withdrawn: { title: 'Taken back', tone: 'neutral' },
  cancelled: { title: 'Given back', tone: 'neutral' },
  shortened: { title: 'Shortened', tone: 'info' },
};
export const stateNames = [
  'pending',
  'approved',
  'taken',
  'rejected',
  'withdrawn',
  'cancelled',
  'shortened',
  'draft',
] as const satisfies readonly LeaveRequest['state'][];

const digits = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });

/** 1500 thousandths are `1.5 days`. */
export const daysText = (milliDays: number): string =>
  milliDays === 1000 ? '1 day' : `${digits.format(milliDays / 1000)} days`;

/** `2026-11` and the months beside it. */
export function monthBeside(month: string, by: number): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + by);
  return at.toISOString().slice(0, 7);
}

const title = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });
export const monthTitle = (month: string): string => title.format(new Date(`${month}-01T00:00:00Z`));
