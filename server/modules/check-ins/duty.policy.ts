import type { DutyState } from '@loro/contracts/check-ins-live';
import type { CheckInKind } from '@loro/contracts/check-ins-values';

export interface DutyChange {
  readonly at: Date;
  readonly state: DutyState;
}

export interface DutySpan {
  readonly from: Date;
  readonly to: Date | null;
}

/** A break is one's own time, so what a phone says then is nobody's business either. */
const isOn = (state: DutyState | undefined): boolean => state === 'on' || state === 'away';

/**
 * On-duty time from changes in the order of when they held, cut to what was asked for. What is not over yet has no end,
 * where the asked time is not over either.
 */
export function spansOf(changes: readonly DutyChange[], from: Date, to: Date): DutySpan[] {
  const spans: DutySpan[] = [];
  let since: Date | null = null;
  for (const { at, state } of changes) {
    if (isOn(state)) since ??= at;
    else if (since) {
      spans.push({ from: since, to: at });
      since = null;
    }
  }
  if (since) spans.push({ from: since, to: null });
  return spans.flatMap((span) => cut(span, from, to));
}

function cut(span: DutySpan, from: Date, to: Date): DutySpan[] {
  if (span.from >= to || (span.to !== null && span.to <= from)) return [];
  const begins = span.from < from ? from : span.from;
  // Zero time on duty is none.
  if (span.to !== null && span.to <= begins) return [];
  return [{ from: begins, to: span.to !== null && span.to > to ? to : span.to }];
}

/** What a check-in makes of duty: going to a client in the middle of a day's work ends nothing when it ends. */
export function dutyAfter(kind: CheckInKind, isWithinWork: boolean): DutyState | null {
  if (kind === 'in') return isWithinWork ? null : 'on';
  if (kind === 'out') return isWithinWork ? null : 'off';
  return null;
}

export const SILENT_MS = 90_000;
export const CHALLENGE_MS = 5 * 60_000;
