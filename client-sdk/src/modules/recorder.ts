import type { Fix, FixesTaken, Pace as PaceSchema } from '@loro/contracts/tracking';
import type { FieldError } from '@loro/contracts/kit/problem';
import type { z } from 'zod';
import { isPassing, localError, type LoroError, toLoroError } from '../errors';
import { jitter, listen, tell, watchPage } from '../transport/timing';
import type { Log } from '../types';
import { ulid } from '../ulid';
import { type FixStorage, memoryFixes, type StoredFix } from './fix-storage';

/** How often and how far apart the hub wants fixes. */
export type Pace = z.infer<typeof PaceSchema>;

export interface RecorderOptions {
  /** Where fixes wait; memory by default, which a phone should not leave it at. */
  readonly storage?: FixStorage;
  /** The device's id; made and kept in the storage by default. */
  readonly device?: string;
  /** The id of this start; a new one by default. */
  readonly boot?: string;
  /** The first `n` to give, where `boot` is taken up again: one more than its last. */
  readonly from?: number;
  /** Most fixes of one packet, at most 500. */
  readonly batch?: number;
  /** How long a fix waits for company before it is sent; a second by default. */
  readonly intervalMs?: number;
  /** The same while the app is in the background, where every sending wakes the radio; a minute by default. */
  readonly backgroundIntervalMs?: number;
  /** Most fixes to keep; when there are more the oldest are dropped and counted in `dropped`. */
  readonly capacity?: number;
}

/** A fix as the app knows it; the recorder numbers it. */
export type Reading = Omit<Fix, 'n'>;

export interface RejectedFix {
  readonly fix: Fix;
  readonly errors: readonly FieldError[];
}

/** The phone's side of tracking: keeps every fix until the hub has it. */
export interface Recorder {
  /** The ids that this recorder reports under; known when it has opened its storage. */
  readonly ready: Promise<{ readonly device: string; readonly boot: string }>;
  /** Takes a fix; resolves when it is in the storage, long before it is sent. */
  report(reading: Reading): Promise<void>;
  /** Fixes that the hub does not have yet. */
  readonly pending: number;
  /** Fixes that were dropped because the storage was full. */
  readonly dropped: number;
  /** How often and how far apart the hub wants fixes, for apps that can choose. */
  readonly pace: Pace | null;
  /** Sends what waits; resolves when nothing does, rejects when the hub refuses this device or person. */
  flush(): Promise<void>;
  /** Fixes that the hub could not read. They are not sent again. */
  onRejected(listener: (rejected: RejectedFix) => void): () => void;
  /** Told after every answer, with the fixes that still wait. */
  onSent(listener: (sent: { readonly fixes: number; readonly pending: number }) => void): () => void;
  onPace(listener: (pace: Pace) => void): () => void;
  /** The hub refuses to take fixes of this device or person; they are kept, and tried again now and then. */
  onRefused(listener: (error: LoroError) => void): () => void;
  /** Stops sending; what waits stays in the storage. */
  close(): Promise<void>;
}

export interface Batch {
  readonly device: string;
  readonly boot: string;
  readonly fixes: Fix[];
}

const MOST_FIXES = 500;
/** The packet may have 64 KiB; the rest is for its envelope. */
const MOST_BYTES = 60 * 1024;
const REFUSED_RETRY_MS = 60_000;

export class FixRecorder implements Recorder {
  readonly ready: Promise<{ readonly device: string; readonly boot: string }>;
  pending = 0;
  dropped = 0;
  pace: Pace | null = null;
  private readonly storage: FixStorage;
  private readonly boot: string;
  private n: number;
  private limit: number;
  private readonly capacity: number;
  private device = '';
  /** Storages are called one after the other. */
  private line: Promise<unknown> = Promise.resolve();
  private sending = false;
  private closed = false;
  private failures = 0;
  private timer: { readonly handle: ReturnType<typeof setTimeout>; readonly due: number } | null = null;
  private readonly flushers = new Set<(error?: LoroError) => void>();
  private readonly rejections = new Set<(rejected: RejectedFix) => void>();
  private readonly sent = new Set<(sent: { fixes: number; pending: number }) => void>();
  private readonly paces = new Set<(pace: Pace) => void>();
  private readonly refusals = new Set<(error: LoroError) => void>();
  private readonly stopWaking: () => void;

  constructor(
    private readonly send: (batch: Batch) => Promise<FixesTaken>,
    private readonly options: RecorderOptions & {
      readonly keepDevice?: FixStorage['device'];
      readonly onClosed?: () => void;
      /** What must be handed in before fixes are. */
      readonly before?: () => Promise<void>;
      readonly isBackground?: () => boolean;
    },
    private readonly log: Log,
  ) {
    this.storage = options.storage ?? memoryFixes();
    this.boot = options.boot ?? ulid();
    this.n = (options.from ?? 1) - 1;
    this.limit = Math.max(1, Math.min(options.batch ?? 100, MOST_FIXES));
    this.capacity = options.capacity ?? 100_000;
    this.ready = this.inLine(async () => {
      this.device = options.device ?? (await (options.keepDevice?.(ulid) ?? this.storage.device(ulid)));
      this.pending += await this.storage.count();
      return { device: this.device, boot: this.boot };
    });
    // Fixes of an earlier start go first, at once.
    this.ready.then(
      () => this.wake(0),
      () => {},
    );
    this.stopWaking = watchPage({ onWake: () => this.wake(0) });
  }

  async report(reading: Reading): Promise<void> {
    if (this.closed) throw localError('CLOSED', 'The recorder was closed.');
    const entry: StoredFix = { boot: this.boot, fix: { n: ++this.n, ...reading } };
    await this.inLine(async () => {
      await this.storage.append([entry]);
      this.pending += 1;
      await this.makeRoom();
    });
    this.wake(this.pending >= this.limit ? 0 : this.intervalMs);
  }

  private get intervalMs(): number {
    const { intervalMs = 1_000, backgroundIntervalMs = 60_000, isBackground } = this.options;
    return isBackground?.() ? Math.max(intervalMs, backgroundIntervalMs) : intervalMs;
  }

  async flush(): Promise<void> {
    await this.inLine(async () => {});
    if (this.pending === 0 && !this.sending) return;
    if (this.closed) throw localError('CLOSED', 'The recorder was closed.');
    await new Promise<void>((resolve, reject) => {
      const done = (error?: LoroError): void => {
        this.flushers.delete(done);
        if (error) reject(error);
        else resolve();
      };
      this.flushers.add(done);
      this.wake(0);
    });
  }

  onRejected(listener: (rejected: RejectedFix) => void): () => void {
    return listen(this.rejections, listener);
  }

  onSent(listener: (sent: { fixes: number; pending: number }) => void): () => void {
    return listen(this.sent, listener);
  }

  onPace(listener: (pace: Pace) => void): () => void {
    return listen(this.paces, listener);
  }

  onRefused(listener: (error: LoroError) => void): () => void {
    return listen(this.refusals, listener);
  }

  /** There is a connection again: what waited for a later try goes now. */
  nudge(): void {
    this.failures = 0;
    this.wake(0);
  }

  takePace(pace: Pace): void {
    this.pace = pace;
    tell(this.paces, pace);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopWaking();
    this.options.onClosed?.();
    if (this.timer) clearTimeout(this.timer.handle);
    for (const done of this.flushers) done(localError('CLOSED', 'The recorder was closed.'));
    await this.inLine(async () => this.storage.close?.());
  }

  private inLine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.line.then(work);
    // A storage that failed once is asked again; whoever waited for that call has its error.
    this.line = turn.catch(() => {});
    return turn;
  }

  private async makeRoom(): Promise<void> {
    const over = this.pending - this.capacity;
    if (over <= 0) return;
    await this.storage.drop(over);
    this.pending -= over;
    if (this.dropped === 0)
      this.log('warn', 'the buffer of fixes is full, the oldest are dropped', { capacity: this.capacity });
    this.dropped += over;
  }

  /** Sends in `ms`, or earlier where that is planned. */
  private wake(ms: number): void {
    if (this.closed || this.sending) return;
    const due = Date.now() + ms;
    if (this.timer && this.timer.due <= due) return;
    if (this.timer) clearTimeout(this.timer.handle);
    const handle = setTimeout(() => {
      this.timer = null;
      void this.sendNext();
    }, ms);
    this.timer = { handle, due };
  }

  /** One batch at a time: the next one leaves when the hub has answered this one. */
  private async sendNext(): Promise<void> {
    if (this.sending || this.closed) return;
    this.sending = true;
    let nextMs = 0;
    try {
      if (this.pending > 0) await this.options.before?.();
      const batch = fitting(await this.inLine(() => this.storage.oldest(this.limit)));
      const [first] = batch;
      if (first) await this.deliver(first.boot, batch);
      this.failures = 0;
      if (this.pending > 0 && this.pending < this.limit && this.flushers.size === 0) nextMs = this.intervalMs;
    } catch (error) {
      nextMs = this.pauseAfter(toLoroError(error));
    } finally {
      this.sending = false;
    }
    if (this.pending > 0) return this.wake(nextMs);
    for (const done of this.flushers) done();
  }

  private async deliver(boot: string, batch: readonly StoredFix[]): Promise<void> {
    const fixes = batch.map(({ fix }) => fix);
    const { upTo, rejected, pace } = await this.send({ device: this.device, boot, fixes });
    const taken = fixes.filter(({ n }) => n <= upTo).length;
    if (taken === 0) throw localError('BAD_RESPONSE', 'The hub took none of the fixes.');
    // The storage is closed by now; the next start sends these again, which is free.
    if (this.closed) return;
    await this.inLine(async () => {
      // The buffer may have dropped some of them meanwhile, to make room.
      await this.storage.forget(boot, upTo);
      this.pending = await this.storage.count();
    });
    for (const { index, errors } of rejected) {
      const fix = fixes[index];
      if (fix) tell(this.rejections, { fix, errors });
    }
    if (pace) this.takePace(pace);
    tell(this.sent, { fixes: taken, pending: this.pending });
  }

  /** How long to wait after a failure. */
  private pauseAfter(problem: LoroError): number {
    this.log('warn', 'fixes were not taken, will retry', { code: problem.code });
    if (problem.code === 'PAYLOAD_TOO_LARGE' && this.limit > 1) {
      this.limit = Math.ceil(this.limit / 2);
      return 0;
    }
    const isRefused = problem.status >= 400 && problem.status < 500 && !isPassing(problem);
    if (!isRefused) return problem.retryAfterMs ?? jitter(this.failures++);
    tell(this.refusals, problem);
    for (const done of this.flushers) done(problem);
    return REFUSED_RETRY_MS;
  }
}

/** As many as fit into a packet; the text of a fix is ASCII, so its characters are its bytes. */
function fitting(batch: readonly StoredFix[]): readonly StoredFix[] {
  let bytes = 0;
  const over = batch.findIndex(({ fix }) => (bytes += JSON.stringify(fix).length + 1) > MOST_BYTES);
  return over === -1 ? batch : batch.slice(0, Math.max(1, over));
}
