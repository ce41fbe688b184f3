import { type ErrorCode, errorRegistry } from '@loro/contracts/catalog';
import type { FieldError, Problem } from '@loro/contracts/kit/problem';
import type { z } from 'zod';

interface Details {
  readonly errors?: FieldError[];
  readonly retryAfterMs?: number;
  /** The thing as it stands, for a caller whose version was stale. */
  readonly current?: unknown;
  readonly cause?: unknown;
}

/** An error that a client may see; everything else is a bug and travels as `INTERNAL` without detail. */
export class HubError extends Error {
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Details = {},
  ) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.status = errorRegistry[code]?.status ?? 500;
  }
}

export class Invalid extends HubError {}
export class Unauthenticated extends HubError {}
export class Forbidden extends HubError {}
export class NotFound extends HubError {
  constructor(what: string) {
    super('NOT_FOUND', `${what} does not exist.`);
  }
}
export class Conflict extends HubError {}
export class Unavailable extends HubError {}
export class TooMany extends HubError {
  constructor(retryAfterMs: number) {
    super('RATE_LIMITED', `Wait ${Math.ceil(retryAfterMs / 1000)} s before the next call.`, { retryAfterMs });
  }
}

const DEPENDENCY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'ER_SERVER_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
]);

/** Tells a database or Redis that is away from a bug of ours. */
export function isDependencyDown(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    if (/^Sequelize(Connection|Host|Access)/.test(at.name)) return true;
    if ('code' in at && typeof at.code === 'string' && DEPENDENCY_CODES.has(at.code)) return true;
    if (/closed state|Connection is closed|connection is in closed/i.test(at.message)) return true;
    at = 'parent' in at ? at.parent : at.cause;
  }
  return false;
}

/**
 * What a client may know of an error.
 * @param allowed the codes its row declares beside the common ones; others count as our bug
 */
export function toProblem(error: unknown, instance: string, requestId: string): Problem {
  const known =
    error instanceof HubError
      ? error
      : isDependencyDown(error)
        ? new Unavailable('DEPENDENCY_DOWN', 'Nothing was written. Please try again.', { retryAfterMs: 1000 })
        : new HubError('INTERNAL', 'Something went wrong on our side.');
  const { errors, retryAfterMs, current } = known.details;
  return {
    type: `/docs/errors/${known.code}`,
    title: errorRegistry[known.code]?.title ?? known.code,
    status: known.status,
    detail: known.message,
    instance,
    code: known.code,
    requestId,
    ...(errors && { errors }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(current !== undefined && { current }),
  };
}

/** Zod's issues as field errors, unknown keys named one by one. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: path === '' ? key : `${path}.${key}`,
        code: 'unknown_field',
        message: 'is not a field of this call',
      }));
    return [{ path, code: issue.code, message: issue.message }];
  });
}

/** Parses input or answers 422 with every failing path at once. */
export function parse<S extends z.ZodType>(
  schema: S,
  value: unknown,
  code: 'VALIDATION_FAILED' | 'BAD_QUERY' = 'VALIDATION_FAILED',
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error);
  const named = errors.map(({ path }) => path || 'the body').join(', ');
  throw new Invalid(code, `Wrong: ${named}.`, { errors });
}
