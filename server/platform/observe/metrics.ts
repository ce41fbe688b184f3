import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

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

  constructor(private readonly nodeName: string) {
    this.registry.setDefaultLabels({ node: this.nodeName });
    collectDefaultMetrics({ register: this.registry, prefix: 'loro_' });
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
