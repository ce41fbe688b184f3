import { Invalid } from '../errors';

/** A position in a `log` stream. */
export interface Position {
  readonly epoch: string;
  readonly n: number;
}

export type Offset = 'start' | 'end' | Position;

// Readers may compare offsets as text, so numbers are as long as the largest.
const DIGITS = 16;
const OFFSET = /^([0-7][0-9A-HJKMNP-TV-Z]{25})_(\d{1,16})$/;
const CURSOR_MS = 20_000;
const CURSOR_SINCE = Date.UTC(2024, 9, 9);
const CURSOR_JITTER = 180;

export const padded = (n: number): string => String(n).padStart(DIGITS, '0');

export const printOffset = ({ epoch, n }: Position): string => `${epoch}_${padded(n)}`;

/** @throws Invalid BAD_QUERY */
export function parseOffset(text = '-1'): Offset {
  if (text === '-1') return 'start';
  if (text === 'now') return 'end';
  const [, epoch, digits] = OFFSET.exec(text) ?? [];
  const n = Number(digits);
  if (epoch === undefined || !Number.isSafeInteger(n))
    throw badQuery('offset', 'is neither an offset that this hub gave out, nor -1, nor now');
  return { epoch, n };
}

/**
 * The cursor of a live answer: the number of the current 20 s, and always beyond the one that was sent, so that a cache
 * cannot give a waiting reader the same empty answer for ever.
 */
export function cursorAfter(sent: string | undefined, now: Date): string {
  const current = Math.floor((now.getTime() - CURSOR_SINCE) / CURSOR_MS);
  const before = Number(sent);
  if (sent === undefined || !Number.isSafeInteger(before) || before < current) return String(current);
  return String(before + 1 + Math.floor(Math.random() * CURSOR_JITTER));
}

export const badQuery = (path: string, message: string): Invalid =>
  new Invalid('BAD_QUERY', `Wrong: ${path}.`, { errors: [{ path, code: 'custom', message }] });
