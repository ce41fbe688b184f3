import type { QueueDepth } from '@loro/contracts/platform';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a node knows of itself. */
interface Observed {
  readonly outboxAgeSeconds: number;
  readonly authzAgeSeconds: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly queues: readonly QueueDepth[];
}

/** A number that only grows, until it is handed over. */
export interface Tally {
  n: number;
}

/** What an operator watches; names say their unit. */
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Histogram({
    name: 'loro_http_request_duration_seconds',
    help: 'Time to answer a REST request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });
  readonly calls = new Counter({
    name: 'loro_live_calls_total',
    help: 'Socket calls by outcome',
    labelNames: ['namespace', 'call', 'outcome'],
    registers: [this.registry],
  });
  readonly refusals = new Counter({
    name: 'loro_live_refused_connects_total',
    help: 'Connects refused by the gateway',
    registers: [this.registry],
  });
  readonly jobs = new Histogram({
    name: 'loro_job_duration_seconds',
    help: 'Time to run a job',
    labelNames: ['job', 'outcome'],
    buckets: [0.01, 0.05, 0.25, 1, 5, 30, 120],
    registers: [this.registry],
  });
  readonly fixes = new Counter({
    name: 'loro_fixes_total',
    help: 'Fixes by what became of them',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  readonly groupCommit = new Histogram({
    name: 'loro_fix_group_commit_rows',
    help: 'Fixes stored by one commit',
    buckets: [1, 5, 10, 25, 50, 100, 250, 500],
    registers: [this.registry],
  });

  readonly deliveries = new Counter({
    name: 'loro_live_deliveries_total',
    help: 'Events handed to the sockets of this node, by the class of their stream',
    labelNames: ['class'],
    registers: [this.registry],
  });
  readonly conflated = new Counter({
    name: 'loro_live_conflated_total',
    help: 'Values of latest streams that a slow reader skipped because a newer one came',
    registers: [this.registry],
  });
  readonly resumes = new Counter({
    name: 'loro_live_resumes_total',
    help: 'Streams that were resumed from a position, by what came of it',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  readonly slowClosed = new Counter({
    name: 'loro_live_slow_closed_total',
    help: 'Connections that were ended because their reader did not drain',
    registers: [this.registry],
  });
  readonly overload = new Gauge({
    name: 'loro_node_overload',
    help: '0 at ease, 1 latest ticks are stretched, 2 new connections are refused',
    registers: [this.registry],
  });

  /** Counted without the library, which looks its labels up each time, and handed over when somebody reads. */
  readonly storedFixes: Tally;

  private readonly tallies: (() => void)[] = [];
  private readonly requestsBy = new Map<string, { observe(seconds: number): void }>();

  constructor(private readonly nodeName: string) {
    this.storedFixes = this.tally(this.fixes, { outcome: 'stored' });
    this.registry.setDefaultLabels({ node: this.nodeName });
    collectDefaultMetrics({ register: this.registry, prefix: 'loro_' });
  }

  /** Shows what the node reads of itself every few seconds. */
  observe(vitals: Observed): void {
    this.gauge(
      'loro_outbox_age_seconds',
      'How long the oldest committed event or job has waited to be handed on',
      () => vitals.outboxAgeSeconds,
    );
    this.gauge(
      'loro_authz_age_seconds',
      'How old the knowledge of ended sessions and changed rights is',
      () => vitals.authzAgeSeconds,
    );
    const lag: Gauge<'quantile'> = new Gauge({
      name: 'loro_event_loop_lag_seconds',
      help: 'How late the event loop was in the last seconds',
      labelNames: ['quantile'],
      registers: [this.registry],
      collect: () => {
        lag.set({ quantile: '0.5' }, vitals.lagP50Ms / 1000);
        lag.set({ quantile: '0.99' }, vitals.lagP99Ms / 1000);
      },
    });
    const depth: Gauge<'queue' | 'state'> = new Gauge({
      name: 'loro_queue_depth_jobs',
      help: 'Jobs by queue and state',
      labelNames: ['queue', 'state'],
      registers: [this.registry],
      collect: () => {
        for (const { queue, ...states } of vitals.queues)
          for (const [state, jobs] of Object.entries(states)) depth.set({ queue, state }, jobs);
      },
    });
  }

  /** Finding a histogram by its labels costs more than observing, so those in use are kept. */
  observeRequest(method: string, route: string, status: number, seconds: number): void {
    const key = `${method} ${route} ${status}`;
    let known = this.requestsBy.get(key);
    if (!known) this.requestsBy.set(key, (known = this.requests.labels({ method, route, status })));
    known.observe(seconds);
  }

  /** A count of one set of labels, as cheap as adding numbers. */
  tally(counter: Counter, labels: Record<string, string>): Tally {
    const tally = { n: 0 };
    this.tallies.push(() => {
      counter.inc(labels, tally.n);
      tally.n = 0;
    });
    return tally;
  }

  /** The metrics as Prometheus reads them. */
  async text(): Promise<string> {
    for (const hand of this.tallies) hand();
    return this.registry.metrics();
  }

  /** A gauge that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: async () => gauge.set(await read()),
    });
  }
}
