import type { WallInterval, WeekInterval } from '@loro/contracts/branches-hours';
import type { z } from 'zod';

export type HoursKind = 'public' | 'staff';
export type WeekSpan = z.output<typeof WeekInterval>;
type Span = z.output<typeof WallInterval>;

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

// 1 is Monday, as the fifth of January 2026 was.
const names = new Intl.DateTimeFormat(undefined, { weekday: 'long', timeZone: 'UTC' });
export const weekdayName = (weekday: number): string => names.format(Date.UTC(2026, 0, 4 + weekday));

export const spansOf = (weekly: readonly WeekSpan[], kind: HoursKind, weekday: number): readonly Span[] =>
  weekly
    .filter((span) => span.kind === kind && span.weekday === weekday)
    .map(({ opensAt, closesAt }) => ({ opensAt, closesAt }));

/** The week with another day. */
export const withDay = (
  weekly: readonly WeekSpan[],
  { kind, weekday }: { kind: HoursKind; weekday: number },
  spans: readonly Span[],
): readonly WeekSpan[] => [
  ...weekly.filter((span) => span.kind !== kind || span.weekday !== weekday),
  ...spans.map((span) => ({ ...span, kind, weekday })),
];

/** Opens where the day before it closed, or as offices do. */
export const nextSpan = (spans: readonly Span[]): Span => {
  const last = spans.at(-1);
  return last && last.closesAt < '20:00'
    ? { opensAt: last.closesAt, closesAt: '22:00' }
    : { opensAt: '08:00', closesAt: '17:00' };
};
