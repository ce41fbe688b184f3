import { type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { type Answered, type Hub } from '../../platform';
import { gathered } from './activity-tally';
import { HUB_ORG } from './activity-zones';
import { histogramOf } from './metric-histogram.policy';
import { type Point, type PointStore, single } from './metric-points.store';

const EVERY_MS = 15_000;
const MOST = 20_000;
const RESOLUTION_MS = 20;
/** Asking how large tables are takes the database a while. */
const SIZE_EVERY = 40;

/** How the hub itself does, every fifteen seconds, into a history of its own. */
export class SystemMetrics {
  private latencies: Point[] = [];
  private gcMs = 0;
  private looks = 0;
  private timer: NodeJS.Timeout | undefined;
  private observer: PerformanceObserver | undefined;
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private measuring: Promise<void> = Promise.resolve();

  constructor(
    private readonly hub: Hub,
    private readonly points: PointStore,
  ) {}

  start(): void {
    this.hub.onAnswered((answer) => this.hear(answer));
    this.delay.enable();
    this.observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.gcMs += duration;
    });
    this.observer.observe({ entryTypes: ['gc'] });
    this.timer = setInterval(() => void this.measure(), EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.observer?.disconnect();
    this.delay.disable();
    await this.measuring;
  }

  /** One look; looks come one after another. */
  measure(): Promise<void> {
    this.measuring = this.measuring
      .then(() => this.write())
      .catch((error: unknown) => this.hub.log.warn({ err: error }, 'the hub could not be measured, will repeat'));
    return this.measuring;
  }

  private hear({ method, route, ms }: Answered): void {
    if (this.latencies.length >= MOST) return;
    const dims = { route: `${method} ${route.replace('/api/v1', '')}`.slice(0, 120), node: this.node };
    this.latencies.push(this.point('system.http-latency', ms, dims, true));
  }

  private async write(): Promise<void> {
    const { latencies, gcMs } = this;
    this.latencies = [];
    this.gcMs = 0;
    const node = { node: this.node };
    const lag = Math.max(0, this.delay.percentile(99) / 1e6 - RESOLUTION_MS);
    this.delay.reset();
    const here = [
      this.point('system.event-loop-p99', Number.isFinite(lag) ? lag : 0, node),
      this.point('system.heap', process.memoryUsage().heapUsed, node),
      this.point('system.gc', gcMs, node),
      this.point('system.pool-waiting', this.waiting(), node),
      this.point('system.sockets', await this.sockets(), node),
    ];
    const [engines, queues] = [await this.engines(node), await this.queues()];
    await this.hub.transact(() => this.points.add([...gathered(latencies), ...here, ...engines, ...queues]));
  }

  private async engines(node: { node: string }): Promise<Point[]> {
    if (this.hub.redis.status !== 'ready') return [];
    const began = performance.now();
    await this.hub.redis.ping();
    const rtt = this.point('system.redis-rtt', performance.now() - began, node, true);
    this.looks += 1;
    if (this.looks % SIZE_EVERY !== 1) return [rtt];
    const [size] = await this.hub.select<{ bytes: number | null }>(
      'SELECT SUM(DATA_LENGTH + INDEX_LENGTH) + 0e0 AS bytes FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
    );
    return [rtt, this.point('system.database-bytes', size?.bytes ?? 0, {})];
  }

  private async queues(): Promise<Point[]> {
    if (this.hub.redis.status !== 'ready') return [];
    const counts = await this.hub.queues.counts();
    const [oldest] = await this.hub.select<{ at: Date | null }>(
      "SELECT MIN(created_at) AS at FROM outbox_jobs WHERE state = 'open' AND handed_at IS NULL",
    );
    const age = oldest?.at ? Math.max(0, (this.hub.now().getTime() - oldest.at.getTime()) / 1_000) : 0;
    return [
      ...counts.map(({ queue, waiting, active, delayed }) =>
        this.point('system.queue-depth', waiting + active + delayed, { queue }),
      ),
      this.point('system.queue-age', age, {}),
    ];
  }

  /** Open connections of this process; a worker has none. */
  private async sockets(): Promise<number> {
    const read = await this.hub.metrics.registry.getSingleMetric('loro_live_connections')?.get();
    return read?.values[0]?.value ?? 0;
  }

  /** Requests that wait for a connection of Sequelize's pool. */
  private waiting(): number {
    const pool: unknown = Reflect.get(this.hub.sequelize.connectionManager, 'pool');
    const waiting: unknown = typeof pool === 'object' && pool !== null ? Reflect.get(pool, 'waiting') : 0;
    return typeof waiting === 'number' ? waiting : 0;
  }

  private get node(): string {
    return this.hub.config.NODE_NAME.slice(0, 120);
  }

  private point(metric: string, value: number, dims: Record<string, string>, isHistogram = false): Point {
    const at = this.hub.now();
    const base = { orgId: HUB_ORG, metric, dims, at, ...(isHistogram && { histogram: histogramOf([value]) }) };
    return single(base, value);
  }
}
