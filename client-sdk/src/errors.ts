import type { ErrorCode } from '@loro/contracts/catalog';
import type { FieldError, Problem } from '@loro/contracts/kit/problem';

/**
 * Codes that the SDK itself gives: `OFFLINE` the hub was not reached; `TIMEOUT` it did not answer in time, the call may
 * have happened; `ABORTED` the caller's signal ended it; `BAD_RESPONSE` something else than the hub answered; `CLOSED`
 * the SDK was closed; `SIGNED_OUT` the session that it belonged to has ended. Of the outbox: `EXPIRED` a command waited
 * for too long, `CANCELLED` it was taken back, `OUTBOX_FULL` too many wait already. Of the tracker: `NO_POSITION` no reading has come yet.
 */
export type LocalCode =
  | 'OFFLINE'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'BAD_RESPONSE'
  | 'CLOSED'
  | 'SIGNED_OUT'
  | 'EXPIRED'
  | 'CANCELLED'
  | 'OUTBOX_FULL'
  | 'NO_POSITION';

/** Every code that is known today; newer hubs may send others. */
export type LoroErrorCode = ErrorCode | LocalCode | (string & {});

/**
 * What every refused or failed call rejects with. Decide by `code`, show `message`.
 *
 * @example
 * try {
 *   await hub.checkIns.start({ position: { lat: -33.92, lng: 18.42 } });
 * } catch (error) {
 *   if (error instanceof LoroError && error.code === 'CHECK_IN_OPEN') await checkOutFirst();
 *   else throw error;
 * }
 */
export class LoroError extends Error {
  override readonly name = 'LoroError';
  readonly code: LoroErrorCode;
  /** The HTTP status, also of a refused socket call; 0 when nothing was answered. */
  readonly status: number;
  /** Every refused path of the input. */
  readonly errors: readonly FieldError[];
  /** How long the hub asks to wait before the next try. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(problem.detail || problem.title, options);
    this.code = problem.code;
    this.status = problem.status;
    this.errors = problem.errors ?? [];
    this.retryAfterMs = problem.retryAfterMs;
  }
}

/** An error that did not come from the hub. */
export function localError(code: LoroErrorCode, detail: string, cause?: unknown, status = 0): LoroError {
  const problem = { type: 'about:blank', title: detail, status, detail, instance: '', code, requestId: '' };
  return new LoroError(problem, cause === undefined ? undefined : { cause });
}

/** A field of whatever was answered; undefined where it has none. */
export const fieldOf = (value: unknown, name: string): unknown => Object(value)[name];

export const isProblem = (value: unknown): value is Problem =>
  typeof fieldOf(value, 'code') === 'string' && fieldOf(value, 'status') !== undefined;

/** Whatever was thrown, as a LoroError. */
export const toLoroError = (error: unknown): LoroError =>
  error instanceof LoroError
    ? error
    : localError('BAD_RESPONSE', error instanceof Error ? error.message : String(error), error);

/** Something else than a hub has answered, or it speaks another version. */
export const badAnswer = (cause?: unknown): LoroError =>
  localError('BAD_RESPONSE', 'This is not an answer of the hub.', cause);

export const offline = (cause?: unknown): LoroError => localError('OFFLINE', 'The hub cannot be reached.', cause);

/** The `data` of an answer. */
export function dataOf(answer: unknown): unknown {
  const data = fieldOf(answer, 'data');
  if (data === undefined) throw badAnswer();
  return data;
}

/** True where the same call may work later without a change: nobody answered, or the hub was not able to. */
export const isPassing = ({ status, code }: LoroError): boolean =>
  code === 'OFFLINE' ||
  code === 'TIMEOUT' ||
  code === 'IDEMPOTENCY_IN_PROGRESS' ||
  status === 429 ||
  (status >= 502 && status <= 504);
