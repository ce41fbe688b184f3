import type { Day } from '@loro/contracts/attendance-values';
import type { Tone } from '../../ui/badge';

export const statuses: Readonly<Record<Day['status'], { title: string; tone: Tone }>> = {
  expected: { title: 'Expected', tone: 'neutral' },
  present: { title: 'There', tone: 'good' },
  half_day: { title: 'Half a day', tone: 'warn' },
  absent: { title: 'Absent', tone: 'bad' },
  on_leave: { title: 'On leave', tone: 'info' },
  holiday: { title: 'Holiday', tone: 'info' },
  weekly_off: { title: 'Off', tone: 'neutral' },
  remote: { title: 'From elsewhere', tone: 'good' },
  incomplete: { title: 'Incomplete', tone: 'warn' },
  excused: { title: 'Excused', tone: 'info' },
};

export const flagTitles: Readonly<Record<Day['flags'][number], string>> = {
  auto_closed: 'The hub ended it',
  break_not_ended: 'A break without an end',
  break_not_started: 'A break without a beginning',
  break_outside: 'A break outside of work',
  double_in: 'In twice',
  double_out: 'Out twice',
  in_progress: 'Goes on',
  leave_conflict: 'Two kinds of leave',
  missing_in: 'The in is missing',
  missing_out: 'The out is missing',
  ot_cap_exceeded: 'More overtime than allowed',
  rest_short: 'Too little rest before',
  short_day: 'Shorter than planned',
  too_long: 'Too long to be true',
  too_short: 'Too short to count',
  unscheduled: 'Not planned',
  worked_on_leave: 'Worked on leave',
};

export const directionTitles = {
  in: 'In',
  out: 'Out',
  break_start: 'Break',
  break_end: 'Back',
  auto: 'In or out',
} as const;

/** 27 900 seconds are `7:45`. */
export function hoursText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/** The Monday of a date's week. */
export function mondayOf(date: string): string {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7));
  return at.toISOString().slice(0, 10);
}
