import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { NodeStatus, QueueDepth } from '@loro/contracts/platform';
import type { Hub } from '../hub';

const RESOLUTION_MS = 10;

/** What a process knows of itself, read every few seconds so that a look at it costs nothing. */
export class Vitals {
  readonly queueNames: readonly string[];
  queues: QueueDepth[] = [];
  lagP50Ms = 0;
  lagP99Ms = 0;
  deliveriesPerSecond = 0;
  conflated = 0;
  outboxAgeSeconds = 0;
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private delivered = 0;
  private measuredAt = performance.now();
  private isReading = false;

  constructor(private readonly hub: Hub) {
    const jobs = hub.modules.flatMap(({ contract }) => contract.jobs ?? []);
    this.queueNames = [...new Set(jobs.map(({ name }) => name.split('.')[0] ?? name))].toSorted();
  }

  start(): void {
    this.delay.enable();
    for (const name of this.queueNames) this.hub.queues.of(name);
  }

  stop(): void {
    this.delay.disable();
  }

  async measure(): Promise<void> {
    const { metrics } = this.hub;
    this.lagP50Ms = lag(this.delay.percentile(50));
    this.lagP99Ms = lag(this.delay.percentile(99));
    this.delay.reset();

    const delivered = await sumOf(metrics.deliveries);
    const now = performance.now();
    this.deliveriesPerSecond = round(((delivered - this.delivered) * 1000) / Math.max(1, now - this.measuredAt));
    this.delivered = delivered;
    this.measuredAt = now;
    this.conflated = await sumOf(metrics.conflated);
    // Engines may take long to answer, or not answer at all; what else a node knows is told without them.
    void this.readEngines();
  }

  get queueDepth(): number {
    return this.queues.reduce((sum, { waiting, active, delayed }) => sum + waiting + active + delayed, 0);
  }

  get authzAgeSeconds(): number {
    return round(this.hub.changes.ageMs() / 1000);
  }

  /** The part of a status that gateways and workers share. */
  read(): Omit<NodeStatus, 'id' | 'name' | 'kind' | 'version' | 'startedAt' | 'at' | Live> {
    const { deliveriesPerSecond, conflated, outboxAgeSeconds, authzAgeSeconds, queueDepth } = this;
    return {
      deliveriesPerSecond,
      conflated,
      outboxAgeSeconds,
      authzAgeSeconds,
      queueDepth,
      eventLoopLagP50Ms: this.lagP50Ms,
      eventLoopLagP99Ms: this.lagP99Ms,
      rssBytes: process.memoryUsage.rss(),
    };
  }

  private async readEngines(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      this.outboxAgeSeconds = await this.outboxAge();
      if (this.hub.redis.status === 'ready') this.queues = await this.hub.queues.counts();
    } catch (error) {
      this.hub.log.warn({ err: error }, 'reading the vitals failed, will repeat');
    } finally {
      this.isReading = false;
    }
  }

  private async outboxAge(): Promise<number> {
    const rows = await this.hub.select<{ oldest: Date | null }>(
      `SELECT MIN(at) AS oldest FROM stream_events WHERE pending = 1
       UNION ALL SELECT MIN(created_at) FROM outbox_jobs WHERE state = 'open' AND handed_at IS NULL`,
    );
    const now = this.hub.now().getTime();
    const ages = rows.map(({ oldest }) => (oldest ? now - oldest.getTime() : 0));
    return round(Math.max(0, ...ages) / 1000);
  }
}

type Live =
  | 'headLagEvents'
  | 'connections'
  | 'sessions'
  | 'streams'
  | 'presenceMembers'
  | 'slowReaders'
  | 'isFastPathOn';

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** The histogram counts its own pace in, and knows nothing before its first reading. */
const lag = (nanoseconds: number): number => round(Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS));

interface Summed {
  get(): Promise<{ values: { value: number }[] }>;
}

const sumOf = async (metric: Summed): Promise<number> =>
  (await metric.get()).values.reduce((sum, { value }) => sum + value, 0);
