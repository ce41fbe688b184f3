import type { ReportRun } from '@loro/contracts/reports';
import { formatCalendarDate, formatCalendarDay } from '../../ui/format';

/** A report's days in words, the year once. */
export const rangeOf = ({ from, to }: ReportRun['params']): string =>
  from === to ? formatCalendarDate(from) : `${formatCalendarDay(from)} – ${formatCalendarDate(to)}`;
