import type { BatchAnswer } from '@loro/contracts/check-ins-records';
import type { Recorded, RecordCheckIn } from '@loro/contracts/check-ins-values';
import type { z } from 'zod';
import { localError, LoroError } from '../errors';

/** Where they wait in the hub’s storage. */
export const CHECK_INS_KEY = 'loro:check-ins';

/** As it is sent. */
export type Input = z.input<typeof RecordCheckIn>;
type Stamped = 'clientId' | 'live' | 'wallMs' | 'monoMs' | 'bootId' | 'deviceId' | 'signature';

/** A check-in as the app says it; when it was, the queue writes down. */
export type OfflineCheckIn = Omit<Input, Stamped> & { readonly clientId?: string };

export interface QueuedCheckIn {
  readonly clientId: string;
  readonly input: Input;
  /** Who recorded it: the person, as far as known then, and the session. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** After this the hub would not take it any more. */
  readonly expiresAt: number;
}

export type CheckInOutcome =
  | { readonly clientId: string; readonly ok: true; readonly recorded: Recorded }
  | { readonly clientId: string; readonly ok: false; readonly error: LoroError };

/** What the hub said of one. */
export function outcomeOf(
  { clientId }: QueuedCheckIn,
  answer: BatchAnswer['results'][number] | undefined,
): CheckInOutcome {
  if (answer?.ok && answer.recorded) return { clientId, ok: true, recorded: answer.recorded };
  if (!answer?.error) return { clientId, ok: false, error: localError('TIMEOUT', 'The hub said nothing of it.') };
  const { code, detail, status, errors } = answer.error;
  const problem = {
    type: 'about:blank',
    title: code,
    instance: '',
    requestId: '',
    code,
    status,
    detail: detail ?? code,
  };
  return { clientId, ok: false, error: new LoroError({ ...problem, ...(errors && { errors }) }) };
}

/** The canonical JSON of RFC 8785, for values of plain objects, lists, texts and numbers. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join(',')}}`;
}

/** What stands in the storage; nothing where that was written by something else. */
export function parse(text: string | null): readonly QueuedCheckIn[] {
  if (text === null) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter(isQueued) : [];
  } catch {
    return [];
  }
}

const isQueued = (value: unknown): value is QueuedCheckIn =>
  typeof value === 'object' &&
  value !== null &&
  'clientId' in value &&
  typeof value.clientId === 'string' &&
  'input' in value &&
  typeof value.input === 'object' &&
  'expiresAt' in value &&
  typeof value.expiresAt === 'number';
