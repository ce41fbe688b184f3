import type { LoroError } from '../errors';
import type { KeyValueStore } from '../types';

/** A command as it waits: everything that a later start needs to send it. */
export interface StoredCommand {
  /** A ULID: the same over socket and HTTP and at every repeat, so that the command happens once. */
  readonly id: string;
  /** As the hub's client calls the module, such as `checkIns`. */
  readonly module: string;
  /** Such as `check-in:start`. */
  readonly call: string;
  readonly input: unknown;
  /** Milliseconds since 1970, by this device's clock. */
  readonly madeAt: number;
  readonly expiresAt: number;
  /** Who gave it; null until the hub has told for the first time who is signed in. */
  readonly userId: string | null;
}

/** A command that was given and has no final answer yet. */
export interface PendingCommand extends StoredCommand {
  readonly state: 'waiting' | 'sending';
  /** Why it still waits. */
  readonly lastError: LoroError | null;
}

/** How a command ended: with the hub's answer, or with why it will not be sent again. */
export type CommandOutcome =
  | { readonly command: StoredCommand; readonly ok: true; readonly data: unknown }
  | { readonly command: StoredCommand; readonly ok: false; readonly error: LoroError };

/** What `send` gives back. */
export interface Command<Output> {
  readonly id: string;
  /** Resolves when the command is in the storage and survives a restart. */
  readonly kept: Promise<void>;
  /** The hub's answer; rejects with a LoroError when it refuses, `EXPIRED` when its time ran out, `CANCELLED`. */
  readonly result: Promise<Output>;
}

const KEY = 'loro:outbox';
const LOCK = 'loro:outbox';

/** The list of waiting commands in a storage that the tabs of a browser may share. */
export class CommandList {
  /** Where tabs cannot be told apart, changes of one process still come one after the other. */
  private line: Promise<unknown> = Promise.resolve();

  constructor(private readonly storage: KeyValueStore) {}

  async load(): Promise<readonly StoredCommand[]> {
    return parse(await this.storage.get(KEY));
  }

  /** Reads, changes and writes as one step. */
  change(edit: (commands: readonly StoredCommand[]) => readonly StoredCommand[]): Promise<void> {
    const work = async (): Promise<void> => {
      const before = await this.load();
      const after = edit(before);
      if (after !== before) await this.storage.set(KEY, JSON.stringify(after));
    };
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
    const turn = this.line.then(() => (locks ? locks.request(LOCK, work) : work()));
    // Whoever waits for this change hears of its error; the next one is tried all the same.
    this.line = turn.catch(() => {});
    return turn;
  }
}

function parse(text: string | null): readonly StoredCommand[] {
  if (text === null) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter(isCommand) : [];
  } catch {
    return [];
  }
}

const isCommand = (value: unknown): value is StoredCommand =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'call' in value &&
  typeof value.call === 'string' &&
  'expiresAt' in value &&
  typeof value.expiresAt === 'number';
