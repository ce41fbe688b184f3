import type { z } from 'zod';

export interface JobContract<Name extends string = string, Payload extends z.ZodType = z.ZodType> {
  readonly name: Name;
  readonly payload: Payload;
  readonly summary: string;
  /** Handlers are idempotent: a job whose worker died runs again, at most this often. */
  readonly attempts: number;
}

/** Declares a job, named `module.verb-noun`. */
export const job = <const N extends `${string}.${string}`, P extends z.ZodType>(
  name: N,
  options: { payload: P; summary: string; attempts?: number },
): JobContract<N, P> => ({
  name,
  payload: options.payload,
  summary: options.summary,
  attempts: options.attempts ?? 5,
});
