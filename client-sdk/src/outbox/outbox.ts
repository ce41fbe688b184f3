import type { CallInput, CallOutput, LiveContract } from '@loro/contracts/kit/live';
import { localError } from '../errors';
import type { Core, ModuleFactory } from '../module';
import type { Camel } from '../names';
import type { Contracts } from '../tables';
import type { KeyValueStore } from '../types';
import type { Command, CommandOutcome, PendingCommand } from './commands';
import { Sender } from './sender';

type WithLive = {
  [N in keyof Contracts]: Contracts[N] extends { readonly live: LiveContract } ? N : never;
}[keyof Contracts];
type LiveOf<C> = C extends { readonly live: infer L extends LiveContract } ? L : never;
type LiveModules = { readonly [N in WithLive as Camel<N>]: LiveOf<Contracts[N]> };

export interface OutboxOptions {
  /** Where commands wait; the hub's `storage` by default. */
  readonly storage?: KeyValueStore;
  /** Most commands that may wait, 100 by default; another one is refused with `OUTBOX_FULL`. */
  readonly capacity?: number;
  /** How long a command may wait, a day by default, which is also as long as the hub knows a repeated one. */
  readonly ttlMs?: number;
}

/** Commands that wait until the hub has answered them, through lost lines and restarts, each of which happens once. */
export interface Outbox {
  /**
   * Takes a command and sends it as soon as it can, after those that were taken before.
   *
   * @example
   * const { result } = hub.outbox.send('checkIns', 'check-in:start', { position }, { ttlMs: 3_600_000 });
   * result.then(showCheckIn, showRefusal);
   */
  send<M extends keyof LiveModules, C extends keyof LiveModules[M]['calls'] & string>(
    module: M,
    call: C,
    input: CallInput<LiveModules[M], C>,
    options?: { readonly ttlMs?: number; readonly id?: string },
  ): Command<CallOutput<LiveModules[M], C>>;
  /** What waits, oldest first; a new array whenever it changes. */
  readonly pending: readonly PendingCommand[];
  onChange(listener: (pending: readonly PendingCommand[]) => void): () => void;
  /** Told how every command ended, also those of an earlier start. */
  onSettled(listener: (outcome: CommandOutcome) => void): () => void;
  /** Takes a command back; false when it was sent already, and the hub may have done it. */
  cancel(id: string): Promise<boolean>;
}

/**
 * The outbox as a module of a hub.
 *
 * @example
 * const hub = createHub({ url, modules: { checkIns, outbox: outbox({ capacity: 20 }) } });
 */
export const outbox =
  (options: OutboxOptions = {}): ModuleFactory<Outbox> =>
  (core: Core) => {
    const sender = new Sender(core, {
      storage: options.storage ?? core.storage,
      capacity: options.capacity ?? 100,
      ttlMs: options.ttlMs ?? 86_400_000,
    });
    core.onClose(() => sender.close());
    return {
      send: (module, call, input, given) => {
        if (core.tables[module]?.live?.calls[call] === undefined)
          throw localError('UNKNOWN_CALL', `This hub was made without ${module}, or it has no call ${call}.`);
        // The hub answers a call with what its contract says.
        return sender.send(module, call, input, given) as Command<never>;
      },
      get pending() {
        return sender.pending;
      },
      onChange: (listener) => sender.onChange(listener),
      onSettled: (listener) => sender.onSettled(listener),
      cancel: (id) => sender.cancel(id),
    };
  };
