import type { z } from 'zod';
import { type Access, accessOf } from './api';
import { type Demands, demandsOf } from './demands';
import type { Problem } from './problem';

/**
 * `log`: numbered, stored, resumed; nothing is lost. `latest`: the newest value of every key; older ones may be skipped.
 */
export type StreamClass = 'log' | 'latest';

export interface StreamKind {
  readonly class: StreamClass;
  /** What a subscriber needs; it is checked against the stream's subject. */
  readonly permission: string;
  readonly demands: Demands;
  readonly summary: string;
}

export interface EventDefinition<Kind extends string = string, Data extends z.ZodType = z.ZodType> {
  readonly stream: Kind;
  readonly data: Data;
  readonly summary: string;
}

export interface Call<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly access: Access;
  readonly demands: Demands;
  readonly input: Input;
  readonly output: Output;
  readonly summary: string;
  readonly errors: readonly string[];
}

export interface LiveContract {
  readonly namespace: `/${string}`;
  readonly streams: Record<string, StreamKind>;
  readonly calls: Record<string, Call>;
  readonly events: Record<string, EventDefinition>;
}

/** Travels beside every event. `n` is contiguous within a `log` stream's epoch; `latest` streams have neither. */
export interface Meta {
  readonly stream: string;
  readonly at: string;
  readonly id?: string;
  readonly epoch?: string;
  readonly n?: number;
  /** Id of the call that made it, or that asked for the job that made it. */
  readonly cause?: string;
  /** W3C `traceparent` of what made it. */
  readonly trace?: string;
}

/** What a caller gets back over a socket. */
export type Reply<T> =
  | { readonly ok: true; readonly data: T; readonly replayed?: true }
  | { readonly ok: false; readonly error: Problem };

export const stream = <const C extends StreamClass>(
  streamClass: C,
  {
    permission,
    summary,
    ...demands
  }: Pick<Demands, 'feature' | 'flag' | 'license'> & {
    permission: string;
    summary: string;
  },
) => ({ class: streamClass, permission, demands, summary });

export const event = <const K extends string, D extends z.ZodType>(
  kind: K,
  data: D,
  summary: string,
): EventDefinition<K, D> => ({ stream: kind, data, summary });

export const call = <I extends z.ZodType, O extends z.ZodType>(
  options: Demands & {
    summary: string;
    permission?: string;
    public?: string;
    input: I;
    output: O;
    errors?: readonly string[];
  },
): Call<I, O> => ({
  access: accessOf(options.summary, options),
  demands: demandsOf(options),
  input: options.input,
  output: options.output,
  summary: options.summary,
  errors: options.errors ?? [],
});

export const live = <
  const N extends `/${string}`,
  S extends Record<string, StreamKind>,
  C extends Record<string, Call>,
  E extends Record<string, EventDefinition<keyof S & string>>,
>(
  namespace: N,
  table: { streams: S; calls: C; events: E },
) => ({ namespace, ...table });

export type DataOf<L extends LiveContract, E extends keyof L['events']> = z.output<L['events'][E]['data']>;
export type CallInput<L extends LiveContract, C extends keyof L['calls']> = z.input<L['calls'][C]['input']>;
export type CallOutput<L extends LiveContract, C extends keyof L['calls']> = z.output<L['calls'][C]['output']>;

/** `<organisation>:<kind>:<id>`: the name of a stream and of its room. */
export const streamName = (orgId: string, kind: string, id: string): string => `${orgId}:${kind}:${id}`;
