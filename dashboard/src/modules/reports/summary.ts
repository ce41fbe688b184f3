import type { ReportResult, ReportRun } from '@loro/contracts/reports';
import { formatCalendarDay } from '../../ui/format';
import type { Bar } from './bars';
import { datesOf } from './dates';

export type Measure = 'metres' | 'movingMinutes';
export type Grouping = 'day' | 'person';

/** Sums of one measure: every day of the range, empty ones too, or every person, the largest first. */
export function summarise(
  { rows }: ReportResult,
  { from, to }: ReportRun['params'],
  measure: Measure,
  grouping: Grouping,
): Bar[] {
  if (grouping === 'day') {
    const sums = new Map(datesOf(from, to).map((date) => [date, 0]));
    for (const row of rows) sums.set(row.date, (sums.get(row.date) ?? 0) + row[measure]);
    return [...sums].map(([date, value]) => ({ key: date, label: formatCalendarDay(date), value }));
  }
  const sums = new Map<string, Bar>();
  for (const row of rows) {
    const value = (sums.get(row.trackableId)?.value ?? 0) + row[measure];
    sums.set(row.trackableId, { key: row.trackableId, label: row.name, value });
  }
  return [...sums.values()].toSorted((a, b) => b.value - a.value);
}
