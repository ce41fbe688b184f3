import { isPassing, localError, type LoroError, toLoroError } from '../errors';
import type { Core } from '../module';
import { jitter, listen, tell, watchPage } from '../transport/timing';
import type { KeyValueStore } from '../types';
import { ulid } from '../ulid';
import { whoOf } from '../who';
import { type Command, CommandList, type CommandOutcome, type PendingCommand, type StoredCommand } from './commands';

/** Longer timers fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

interface Waiter {
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: LoroError) => void;
}

/** Sends commands one after the other: what follows may depend on what came before. */
export class Sender {
  pending: readonly PendingCommand[] = [];
  private readonly list: CommandList;
  private readonly waiters = new Map<string, Waiter>();
  private readonly keeping = new Map<string, Promise<void>>();
  private readonly changes = new Set<(pending: readonly PendingCommand[]) => void>();
  private readonly outcomes = new Set<(outcome: CommandOutcome) => void>();
  private readonly stops: readonly (() => void)[];
  private readonly loading: Promise<void>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending = false;
  /** Something happened while a command was on its way, after which waiting would be idle. */
  private again = false;
  private closed = false;
  private tries = 0;

  constructor(
    private readonly core: Core,
    private readonly options: { readonly storage: KeyValueStore; readonly capacity: number; readonly ttlMs: number },
  ) {
    this.list = new CommandList(options.storage);
    const now = (): void => this.wake(0);
    this.stops = [
      watchPage({ onWake: now }),
      core.link.onStatus(({ state }) => state === 'live' && now()),
      core.auth.onChange((change) => {
        // Whoever signs out takes back what was not sent; a session that only ran out may be taken up again.
        if (change.kind === 'ended' && change.reason === 'SIGNED_OUT') void this.dropAll('SIGNED_OUT');
        else if (change.kind === 'signed-in') now();
      }),
    ];
    this.loading = this.takeUp().catch((error: unknown) => {
      core.log('warn', 'the commands of an earlier start could not be read', { code: toLoroError(error).code });
    });
  }

  onChange(listener: (pending: readonly PendingCommand[]) => void): () => void {
    return listen(this.changes, listener);
  }

  onSettled(listener: (outcome: CommandOutcome) => void): () => void {
    return listen(this.outcomes, listener);
  }

  send(
    module: string,
    call: string,
    input: unknown,
    { ttlMs = this.options.ttlMs, id = ulid() }: { ttlMs?: number; id?: string } = {},
  ): Command<unknown> {
    if (this.closed) throw localError('CLOSED', 'The outbox was closed.');
    if (this.pending.length >= this.options.capacity)
      throw localError('OUTBOX_FULL', `${this.pending.length} commands wait already.`);
    const madeAt = Date.now();
    const command = { id, module, call, input, madeAt, expiresAt: madeAt + ttlMs, userId: null };
    const result = new Promise<unknown>((resolve, reject) => this.waiters.set(id, { resolve, reject }));
    // Whoever only listens to `onSettled` does not wait for it.
    result.catch(() => {});
    this.show([...this.pending, { ...command, state: 'waiting', lastError: null }]);
    const kept = this.keep(command);
    this.keeping.set(id, kept);
    return { id, result, kept };
  }

  async cancel(id: string): Promise<boolean> {
    await this.loading;
    const found = this.pending.find((command) => command.id === id);
    if (!found || found.state === 'sending' || found.lastError !== null) return false;
    await this.settle({ command: found, ok: false, error: localError('CANCELLED', 'The command was taken back.') });
    return true;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    for (const stop of this.stops) stop();
    for (const { reject } of this.waiters.values()) reject(localError('CLOSED', 'The outbox was closed.'));
    await this.list.change((commands) => commands);
  }

  /** What an earlier start had left goes first. */
  private async takeUp(): Promise<void> {
    const kept = await this.list.load();
    const mine = new Set(this.pending.map(({ id }) => id));
    const earlier = kept.filter(({ id }) => !mine.has(id));
    this.show([
      ...earlier.map((command) => ({ ...command, state: 'waiting', lastError: null }) as const),
      ...this.pending,
    ]);
    this.wake(0);
  }

  private async keep(command: StoredCommand): Promise<void> {
    await this.loading;
    // Whoever it is, it is compared again with who is signed in when it is sent.
    const userId = (await whoOf(this.core).guess())?.userId ?? null;
    await this.list.change((commands) => [...commands, { ...command, userId }]);
    if (userId !== null) this.update(command.id, { userId });
    this.wake(0);
  }

  private wake(ms: number): void {
    this.again ||= this.sending;
    if (this.closed || this.sending) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.sendNext(), Math.min(ms, LONGEST_MS));
  }

  private async sendNext(): Promise<void> {
    if (this.sending || this.closed) return;
    this.sending = true;
    this.again = false;
    const waitMs = await this.work().catch((error: unknown) => {
      this.core.log('warn', 'the outbox could not work', { code: toLoroError(error).code });
      return jitter(this.tries++);
    });
    this.sending = false;
    if (waitMs !== null || this.again) this.wake(this.again ? 0 : (waitMs ?? 0));
  }

  /** Sends what is first. @returns in how many milliseconds to go on, null where there is nothing to do */
  private async work(): Promise<number | null> {
    const [first] = this.pending;
    if (!first) return null;
    if (Date.now() >= first.expiresAt) {
      await this.settle({
        command: first,
        ok: false,
        error: localError('EXPIRED', 'The command waited for too long.'),
      });
      return 0;
    }
    try {
      if (!(await this.isOurs(first))) return 0;
      this.update(first.id, { state: 'sending' });
      const data = await this.deliver(first);
      this.tries = 0;
      await this.settle({ command: first, ok: true, data });
      return 0;
    } catch (error) {
      return this.afterFailure(first, toLoroError(error));
    }
  }

  private async afterFailure(command: StoredCommand, error: LoroError): Promise<number | null> {
    this.update(command.id, { state: 'waiting', lastError: error });
    const untilEnd = Math.max(0, command.expiresAt - Date.now());
    // Nobody is signed in: the next sign-in wakes us, or the end of its time.
    if (error.status === 401) return untilEnd;
    if (isPassing(error)) return Math.min(error.retryAfterMs ?? jitter(this.tries++), untilEnd);
    await this.settle({ command, ok: false, error });
    return 0;
  }

  /** A command must never be sent in somebody else's name. */
  private async isOurs(command: PendingCommand): Promise<boolean> {
    const who = whoOf(this.core);
    const { userId } = (await who.recall()) ?? (await who.ask());
    if (command.userId === userId) return true;
    if (command.userId === null && this.waiters.has(command.id)) {
      // Given in this start, and it is known only now by whom.
      this.update(command.id, { userId });
      await this.list.change((commands) =>
        commands.map((kept) => (kept.id === command.id ? { ...kept, userId } : kept)),
      );
      return true;
    }
    const error = localError('SIGNED_OUT', 'Somebody else is signed in now.');
    await this.settle({ command, ok: false, error });
    return false;
  }

  /** Over the socket where there is one; else over HTTP, under the same id. */
  private async deliver({ id, module, call, input }: StoredCommand): Promise<unknown> {
    const { prefix = '', endpoints = {}, live } = this.core.tables[module] ?? {};
    if (!live) throw localError('UNKNOWN_CALL', `This hub was made without ${module}.`);
    const channel = this.core.link.channel(live.namespace);
    const twin = endpoints[live.calls[call] ?? ''];
    if (channel.ready || !twin) {
      try {
        return await channel.call(call, input, id);
      } catch (error) {
        if (!twin || !isPassing(toLoroError(error))) throw error;
      }
    }
    return this.core.rest.call(prefix, twin, { ...Object(input) }, { idempotencyKey: id });
  }

  private async dropAll(code: string): Promise<void> {
    await this.loading;
    for (const command of this.pending) {
      if (command.state === 'waiting')
        await this.settle({
          command,
          ok: false,
          error: localError(code, 'The session that it belonged to has ended.'),
        });
    }
  }

  private async settle(outcome: CommandOutcome): Promise<void> {
    const { id } = outcome.command;
    // Written after it was forgotten it would be sent again by the next start.
    await this.keeping.get(id)?.catch(() => {});
    this.keeping.delete(id);
    await this.list.change((commands) => commands.filter((command) => command.id !== id));
    const waiter = this.waiters.get(id);
    this.waiters.delete(id);
    this.show(this.pending.filter((command) => command.id !== id));
    if (outcome.ok) waiter?.resolve(outcome.data);
    else waiter?.reject(outcome.error);
    tell(this.outcomes, outcome);
  }

  private update(id: string, change: Partial<PendingCommand>): void {
    this.show(this.pending.map((command) => (command.id === id ? { ...command, ...change } : command)));
  }

  private show(pending: readonly PendingCommand[]): void {
    this.pending = Object.freeze(pending);
    tell(this.changes, this.pending);
  }
}
