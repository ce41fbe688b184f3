import type { Logger } from 'pino';
import type { JobQueues } from '../jobs/queues';
import type { Publisher } from '../live/publisher';
import { type LoggedEvent, metaOf, type StreamLog, type Written } from './stream-log';

const FLUSH_MS = 50;
const RELAY_AFTER_MS = 3_000;
const RELAY_BATCH = 500;

/** Hands committed events to the sockets and committed jobs to Bull, and remembers that it did. */
export class Delivery {
  private sent: LoggedEvent[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly streams: StreamLog,
    private readonly publisher: Publisher,
    private readonly queues: JobQueues,
    private readonly log: Logger,
  ) {}

  deliver(written: Written): void {
    this.track(this.hand(written), 'delivery failed, the relay will repeat it');
  }

  /** Sweeps what a crash left between commit and delivery. Repeats are harmless: events carry `n`, jobs their row's id. */
  async relay(now: Date): Promise<{ events: number; jobs: number }> {
    const left = await this.streams.leftBehind(new Date(now.getTime() - RELAY_AFTER_MS), RELAY_BATCH);
    await this.hand(left);
    return { events: left.events.length, jobs: left.jobs.length };
  }

  /** Waits until everything taken on is handed over. */
  async settle(): Promise<void> {
    while (this.underWay.size > 0 || this.sent.length > 0) {
      await Promise.allSettled(this.underWay);
      await this.flush();
    }
  }

  private async hand({ events, jobs }: Written): Promise<void> {
    for (const event of events)
      this.publisher.emit(event.namespace, event.stream, event.event, event.data, metaOf(event));
    this.sent.push(...events);
    if (this.sent.length > 0 && this.timer === undefined)
      this.timer = setTimeout(() => this.track(this.flush(), 'marking events as sent failed'), FLUSH_MS);
    for (const job of jobs) await this.queues.add(job);
    await this.streams.markHanded(jobs);
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.sent.splice(0);
    await this.streams.markSent(batch);
  }

  private track(work: Promise<void>, failure: string): void {
    const tracked = work
      .catch((error: unknown) => this.log.warn({ err: error }, failure))
      .finally(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
  }
}
