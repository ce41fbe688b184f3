import type { BatchAnswer } from '@loro/contracts/check-ins-records';
import type { Recorded } from '@loro/contracts/check-ins-values';
import { checkIns } from '../entries/check-ins';
import { isPassing, localError, type LoroError, toLoroError } from '../errors';
import type { Core } from '../module';
import { jitter, listen, tell } from '../transport/timing';
import { ulid } from '../ulid';
import { whoOf } from '../who';
import {
  canonical,
  CHECK_INS_KEY,
  type CheckInOutcome,
  type Input,
  type OfflineCheckIn,
  outcomeOf,
  parse,
  type QueuedCheckIn,
} from './check-in-values';
import type { FieldClock } from './clocks';

/** A key of this device that the hub knows; what it signs is proof of when and by what it was said. */
export interface DeviceSigner {
  readonly deviceId: string;
  /** Ed25519 over these bytes, base64. */
  sign(bytes: Uint8Array): Promise<string>;
}

export interface QueuedCheckInHandle {
  readonly clientId: string;
  /** Resolves when it is in the storage and survives a restart. */
  readonly kept: Promise<void>;
  /** What the hub made of it; rejects with a LoroError where it refused. */
  readonly result: Promise<Recorded>;
}

/** Check-ins that wait until the hub has answered them; fixes wait behind them, since they say whether one was on duty. */
export interface CheckInQueue {
  /**
   * Takes a check-in with the moment it happens at, connection or none.
   *
   * @example
   * const { kept, result } = hub.tracking.checkIns.record({ type: 'office', kind: 'in', position });
   */
  record(input: OfflineCheckIn): QueuedCheckInHandle;
  /** What waits, oldest first; a new array whenever it changes. */
  readonly pending: readonly QueuedCheckIn[];
  onChange(listener: (pending: readonly QueuedCheckIn[]) => void): () => void;
  /** Told how every check-in ended, also those of an earlier start. */
  onSettled(listener: (outcome: CheckInOutcome) => void): () => void;
  /** Hands in what waits; rejects where the hub could not be reached, or refuses to take any. */
  flush(): Promise<void>;
}

const LOCK = 'loro:check-ins';
const LIFE_MS = 72 * 3_600_000;
const MOST = 100;
/** The packet may have 64 KiB; the rest is for signatures and the envelope. */
const MOST_BYTES = 44 * 1024;
const REFUSED_RETRY_MS = 60_000;

interface Waiter {
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: LoroError) => void;
}

export class CheckInSender implements CheckInQueue {
  pending: readonly QueuedCheckIn[] = [];
  private readonly loading: Promise<void>;
  private line: Promise<unknown> = Promise.resolve();
  private handing: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private closed = false;
  private readonly waiters = new Map<string, Waiter>();
  private readonly changes = new Set<(pending: readonly QueuedCheckIn[]) => void>();
  private readonly outcomes = new Set<(outcome: CheckInOutcome) => void>();

  constructor(
    private readonly core: Core,
    private readonly clock: FieldClock,
    private readonly signer?: DeviceSigner,
  ) {
    this.loading = this.load().catch((error: unknown) => {
      core.log('warn', 'the check-ins of an earlier start could not be read', { code: toLoroError(error).code });
    });
    core.link.onStatus(({ state }) => void (state === 'live' && this.wake(0)));
    core.auth.onChange(({ kind }) => {
      if (kind !== 'signed-in') return;
      this.learnWho();
      this.wake(0);
    });
    if (core.auth.signedIn) this.learnWho();
    core.onClose(async () => this.close());
    void this.loading.then(() => this.wake(0));
  }

  record({ clientId = ulid(), ...said }: OfflineCheckIn): QueuedCheckInHandle {
    if (this.closed) throw localError('CLOSED', 'The hub’s client was closed.');
    void this.clock.start();
    const monoMs = this.clock.monoMs();
    const input: Input = {
      ...said,
      clientId,
      live: false,
      wallMs: Date.now(),
      monoMs,
      bootId: this.clock.boot,
      tz: said.tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
    const result = new Promise<Recorded>((resolve, reject) => this.waiters.set(clientId, { resolve, reject }));
    // Whoever only listens to `onSettled` does not wait for it.
    result.catch(() => {});
    return { clientId, kept: this.keep(clientId, input), result };
  }

  onChange(listener: (pending: readonly QueuedCheckIn[]) => void): () => void {
    return listen(this.changes, listener);
  }

  onSettled(listener: (outcome: CheckInOutcome) => void): () => void {
    return listen(this.outcomes, listener);
  }

  /** One at a time; whoever asks meanwhile waits for the same. */
  flush(): Promise<void> {
    this.handing ??= this.handIn().finally(() => {
      this.handing = null;
    });
    return this.handing;
  }

  private close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const { reject } of this.waiters.values()) reject(localError('CLOSED', 'The hub’s client was closed.'));
  }

  private async keep(clientId: string, input: Input): Promise<void> {
    await this.loading;
    const sessionId = this.core.auth.sessionId ?? null;
    const userId = (await whoOf(this.core).guess())?.userId ?? null;
    if (sessionId === null && userId === null && !this.core.auth.external) {
      const error = localError('SIGNED_OUT', 'Nobody is signed in who could check in.');
      this.waiters.get(clientId)?.reject(error);
      this.waiters.delete(clientId);
      throw error;
    }
    await this.change((items) => [...items, { clientId, input, userId, sessionId, expiresAt: Date.now() + LIFE_MS }]);
    this.wake(0);
  }

  /** While there is a connection, so that it is known without one. */
  private learnWho(): void {
    whoOf(this.core)
      .get()
      .catch(() => {});
  }

  private wake(ms: number): void {
    if (this.closed || this.pending.length === 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.flush().then(
        () => {
          this.tries = 0;
        },
        (error: unknown) => {
          const problem = toLoroError(error);
          this.core.log('warn', 'check-ins were not taken, will retry', { code: problem.code });
          // The next sign-in wakes us.
          if (problem.status === 401) return;
          this.wake(isPassing(problem) ? (problem.retryAfterMs ?? jitter(this.tries++)) : REFUSED_RETRY_MS);
        },
      );
    }, ms);
  }

  private async handIn(): Promise<void> {
    await this.loading;
    while (this.pending.length > 0 && !this.closed) {
      await this.dropOld();
      const who = whoOf(this.core);
      const batch = this.pending.length === 0 ? [] : this.ofOne((await who.recall()) ?? (await who.ask()));
      // What somebody else recorded here waits for them.
      if (batch.length === 0) return;
      const { results } = await this.send(await Promise.all(batch.map(({ input }) => this.signed(input))));
      const outcomes = batch.map((item, at) => outcomeOf(item, results[at]));
      await this.settle(outcomes.filter((outcome) => outcome.ok || !isPassing(outcome.error)));
      const waits = outcomes.find((outcome) => !outcome.ok && isPassing(outcome.error));
      if (waits && !waits.ok) throw waits.error;
    }
  }

  /** The oldest of this person, as many as one packet takes. */
  private ofOne({ userId }: { readonly userId: string }): QueuedCheckIn[] {
    const session = this.core.auth.sessionId ?? null;
    const isOwn = (item: QueuedCheckIn): boolean =>
      item.userId === userId || (item.userId === null && item.sessionId === session);
    const own = this.pending.filter(isOwn).slice(0, MOST);
    let bytes = 0;
    const over = own.findIndex(
      ({ input }) => (bytes += new TextEncoder().encode(JSON.stringify(input)).length) > MOST_BYTES,
    );
    return over === -1 ? own : own.slice(0, Math.max(1, over));
  }

  private async signed(input: Input): Promise<Input> {
    if (!this.signer) return input;
    const said = { ...input, deviceId: this.signer.deviceId };
    return { ...said, signature: await this.signer.sign(new TextEncoder().encode(canonical(said))) };
  }

  /** Over the socket where there is one, else over HTTP; each check-in is known by its own id, however often it comes. */
  private async send(items: readonly Input[]): Promise<BatchAnswer> {
    const { prefix = '', endpoints = {}, live } = checkIns.table ?? {};
    const row = endpoints['recordBatch'];
    if (!live || !row) throw new Error('the table of check-ins lacks its batch');
    const channel = this.core.link.channel(live.namespace);
    const answer = await (channel.ready
      ? channel.call('check-in:record-batch', { items })
      : this.core.rest.call(prefix, row, { items }, { idempotencyKey: null }));
    // The shape is the contract's; the hub's own tests hold it to it.
    return answer as BatchAnswer;
  }

  private async dropOld(): Promise<void> {
    const old = this.pending.filter(({ expiresAt }) => expiresAt <= Date.now());
    const error = localError('EXPIRED', 'The check-in waited for too long.');
    await this.settle(old.map(({ clientId }) => ({ clientId, ok: false, error })));
  }

  private async settle(outcomes: readonly CheckInOutcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    const over = new Set(outcomes.map(({ clientId }) => clientId));
    await this.change((items) => items.filter(({ clientId }) => !over.has(clientId)));
    for (const outcome of outcomes) {
      const waiter = this.waiters.get(outcome.clientId);
      this.waiters.delete(outcome.clientId);
      if (outcome.ok) waiter?.resolve(outcome.recorded);
      else waiter?.reject(outcome.error);
      tell(this.outcomes, outcome);
    }
  }

  private async load(): Promise<void> {
    this.show(parse(await this.core.storage.get(CHECK_INS_KEY)));
  }

  /** Reads, changes and writes as one step; tabs of a browser share the storage. */
  private change(edit: (items: readonly QueuedCheckIn[]) => readonly QueuedCheckIn[]): Promise<void> {
    const work = async (): Promise<void> => {
      const after = edit(parse(await this.core.storage.get(CHECK_INS_KEY)));
      await this.core.storage.set(CHECK_INS_KEY, JSON.stringify(after));
      this.show(after);
    };
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
    const turn = this.line.then(() => (locks ? locks.request(LOCK, work) : work()));
    this.line = turn.catch(() => {});
    return turn;
  }

  private show(pending: readonly QueuedCheckIn[]): void {
    this.pending = Object.freeze([...pending]);
    tell(this.changes, this.pending);
  }
}
