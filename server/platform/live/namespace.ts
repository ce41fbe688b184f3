import type { CallOutput, LiveContract } from '@loro/contracts/kit/live';
import type { z } from 'zod';
import type { Actor, Thing } from '../actor';
import type { WireEvent } from '../outbox/stream-log';

export interface CallContext {
  /** The command's ULID, when the caller gave one: the same command may come again over HTTP. */
  readonly commandId: string | undefined;
}

type Calls<L extends LiveContract> = {
  [C in keyof L['calls']]: (
    actor: Actor,
    input: z.output<L['calls'][C]['input']>,
    context: CallContext,
  ) => Promise<CallOutput<L, C>>;
};

export interface StreamSource {
  /** What the stream's permission is asked about; null when there is no such thing in the actor's organisation. */
  subject(actor: Actor, id: string): Promise<Thing | null>;
  /** Class `latest`: the last value of every key, from the store that all nodes share. */
  latest?(actor: Actor, id: string): Promise<WireEvent[]>;
}

/** A stream that belongs to one person, and that nobody else hears. */
export const ownStream: StreamSource = {
  subject: async (actor, id) => (id === actor.userId ? { userId: id } : null),
};

type Streams<L extends LiveContract> = { [K in keyof L['streams'] & string]: StreamSource };

/** A room's part of a namespace, types worn off so that the gateway can hold many. */
export interface LiveNamespace {
  readonly contract: LiveContract;
  /** Streams that the server joins by itself, as `[kind, id]`. */
  readonly auto: (actor: Actor) => [kind: string, id: string][];
  readonly streams: Record<string, StreamSource>;
  readonly calls: Record<string, (actor: Actor, input: unknown, context: CallContext) => Promise<unknown>>;
  /** Calls that are idempotent by nature and frequent: no stored answer, a token bucket of their own. */
  readonly hot: ReadonlySet<string>;
}

/** Ties a live table to verbs: one line a call, and where each stream's subject is found. */
export function namespace<L extends LiveContract>(
  contract: L,
  table: {
    auto?: (actor: Actor) => [kind: keyof L['streams'] & string, id: string][];
    streams: Streams<L>;
    calls: Calls<L>;
    hot?: (keyof L['calls'] & string)[];
  },
): LiveNamespace {
  return {
    contract,
    auto: table.auto ?? (() => []),
    streams: table.streams,
    // Each verb takes its own call's input; the gateway parses by the same row before it calls.
    calls: table.calls as unknown as LiveNamespace['calls'],
    hot: new Set(table.hot),
  };
}
