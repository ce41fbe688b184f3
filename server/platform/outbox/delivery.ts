import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { JobQueues } from '../jobs/queues';
import type { Publisher } from '../live/publisher';
import { type LoggedEvent, metaOf } from './events';
import type { HotLog } from './hot-log';
import type { JobRows, LoggedJob } from './job-rows';
import type { StreamLog } from './stream-log';

const FLUSH_MS = 50;
const SETTLE_MS = 5_000;
const RELAY_AFTER_MS = 3_000;
const RELAY_BATCH = 500;

/** What a transaction left behind for delivery. */
export interface Written {
  readonly events: LoggedEvent[];
  readonly jobs: LoggedJob[];
}

export interface DeliveryOptions {
  readonly streams: StreamLog;
  readonly jobRows: JobRows;
  readonly hot: HotLog;
  readonly publisher: Publisher;
  readonly queues: JobQueues;
  readonly log: Logger;
}

/** Hands committed events to the sockets and committed jobs to Bull, and remembers that it did. */
export class Delivery {
  private sent: LoggedEvent[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly underWay = new Set<Promise<void>>();
  private readonly listeners: ((stream: string, n: number) => void)[] = [];

  constructor(private readonly options: DeliveryOptions) {}

  deliver({ events, jobs }: Written): void {
    this.send(events);
    this.sent.push(...events);
    if (this.sent.length > 0 && this.timer === undefined)
      this.timer = setTimeout(() => this.track(this.flush(), 'marking events as sent failed'), FLUSH_MS);
    if (jobs.length > 0) this.track(this.hand(jobs), 'delivery failed, the relay will repeat it');
  }

  /** Tells of every event that this process sends, as soon as it does. */
  onSent(listener: (stream: string, n: number) => void): void {
    this.listeners.push(listener);
  }

  /** Sends events that a crash left between commit and delivery. A repeat is harmless: clients know its `n`. */
  async relayEvents(now: Date): Promise<number> {
    const olderThan = new Date(now.getTime() - RELAY_AFTER_MS);
    return untilFew(() => this.options.streams.resend(olderThan, RELAY_BATCH, (events) => this.send(events)));
  }

  /**
   * Hands over jobs that a crash left, and all open ones when Redis lost its data. A repeat is harmless: a job's id is
   * its row's, and Bull knows it. Waits while Redis is away.
   */
  async relayJobs(now: Date): Promise<number> {
    const { queues, jobRows } = this.options;
    if (await queues.areNew()) await jobRows.unhandAll();
    const olderThan = new Date(now.getTime() - RELAY_AFTER_MS);
    return untilFew(async () => {
      const jobs = await jobRows.take(olderThan, RELAY_BATCH);
      for (const job of jobs) await queues.add(job);
      return jobs.length;
    });
  }

  /** Waits until everything taken on is handed over, but not for a Redis that is away: the relay has the rest. */
  async settle(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    while ((this.underWay.size > 0 || this.sent.length > 0) && Date.now() < deadline) {
      await this.flush();
      await Promise.race([Promise.allSettled(this.underWay), sleep(100)]);
    }
  }

  private send(events: readonly LoggedEvent[]): void {
    const { hot, publisher } = this.options;
    hot.add(events);
    for (const event of events) {
      publisher.emit(event.namespace, event.stream, event.event, event.data, metaOf(event));
      for (const listener of this.listeners) listener(event.stream, event.n);
    }
  }

  private async hand(jobs: readonly LoggedJob[]): Promise<void> {
    for (const job of jobs) await this.options.queues.add(job);
    await this.options.jobRows.markHanded(jobs);
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.sent.splice(0);
    await this.options.streams.markSent(batch);
  }

  private track(work: Promise<void>, failure: string): void {
    const tracked = work
      .catch((error: unknown) => this.options.log.warn({ err: error }, failure))
      .finally(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
  }
}

/** Repeats `sweep` while it finds a full batch. */
async function untilFew(sweep: () => Promise<number>): Promise<number> {
  let found = 0;
  for (;;) {
    const count = await sweep();
    found += count;
    if (count < RELAY_BATCH) return found;
  }
}
