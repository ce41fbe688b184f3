import type { Aggregation, MetricKind } from '@loro/contracts/activity-values';
import { z } from 'zod';
import { type Hub, HubError, Remembered } from '../../platform';
import { type Formula, parseFormula } from './metric-formula.policy';

/** A metric as values are taken for it and asked of it. */
export interface Metric {
  readonly key: string;
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: string;
  readonly dimensions: readonly string[];
  readonly aggregation: Aggregation;
  readonly formula: Formula | null;
  readonly isSystem: boolean;
}

/** Where values go that belong to no metric there is. */
export const OTHER = '_other';

const metric = (
  key: string,
  name: string,
  kind: MetricKind,
  unit: string,
  ...dimensions: readonly string[]
): [string, Metric] => [
  key,
  { key, name, kind, unit, dimensions, aggregation: 'natural', formula: null, isSystem: true },
];

/** What the hub and its rooms measure in every organisation. */
export const systemMetrics: ReadonlyMap<string, Metric> = new Map([
  metric('activity.events', 'What was done', 'counter', 'events', 'objectType', 'verb', 'branchId'),
  metric('api.calls', 'Calls of REST', 'counter', 'calls', 'feature', 'outcome'),
  metric('api.latency', 'Time to answer REST', 'histogram', 'ms', 'feature'),
  metric('work.actions', 'Actions of people', 'counter', 'actions', 'userId', 'branchId'),
  metric('work.visits', 'Visits', 'counter', 'visits', 'userId', 'branchId'),
  metric('tasks.on-time', 'Tasks done in time', 'ratio', 'share', 'userId', 'branchId'),
  metric('sales.amount', 'Sales', 'counter', 'money', 'userId', 'branchId'),
  metric('attendance.punctuality', 'Days begun in time', 'ratio', 'share', 'userId', 'branchId'),
  metric(OTHER, 'Values that were handed in for no metric there is', 'counter', 'values', 'metric'),
  metric('vehicles.fuel', 'Fuel', 'counter', 'litres', 'vehicle', 'branchId'),
]);

/** What the hub measures of itself, for those who keep it. */
export const hubMetrics: ReadonlyMap<string, Metric> = new Map([
  metric('system.http-latency', 'Time to answer REST', 'histogram', 'ms', 'route', 'node'),
  metric('system.event-loop-p99', 'Delay of the event loop', 'gauge', 'ms', 'node'),
  metric('system.heap', 'Heap in use', 'gauge', 'bytes', 'node'),
  metric('system.gc', 'Time spent on collecting garbage', 'counter', 'ms', 'node'),
  metric('system.pool-waiting', 'Queries that wait for a connection', 'gauge', 'queries', 'node'),
  metric('system.queue-depth', 'Jobs that wait, run or are due', 'gauge', 'jobs', 'queue'),
  metric('system.queue-age', 'Age of the oldest job not handed on', 'gauge', 's'),
  metric('system.sockets', 'Open sockets', 'gauge', 'sockets', 'node'),
  metric('system.redis-rtt', 'Way to Redis and back', 'histogram', 'ms', 'node'),
  metric('system.database-bytes', 'Size of the database', 'gauge', 'bytes'),
]);

const Names = z.array(z.string());
const FOR_MS = 2_000;
const MOST = 10_000;

/** The metrics of organisations, remembered for a moment. */
export class MetricBook {
  private readonly own: Remembered<ReadonlyMap<string, Metric>>;

  constructor(private readonly hub: Hub) {
    this.own = new Remembered(FOR_MS, MOST, hub.now);
  }

  /** An organisation's own metrics. */
  async ofOrg(orgId: string): Promise<ReadonlyMap<string, Metric>> {
    const known = this.own.get(orgId);
    if (known) return known;
    const rows = await this.hub.select<{
      metric: string;
      name: string;
      kind: MetricKind;
      unit: string;
      dimensions: string;
      aggregation: Aggregation;
      formula: string | null;
    }>('SELECT metric, name, kind, unit, dimensions, aggregation, formula FROM metric_defs WHERE org_id = :orgId', {
      orgId,
    });
    const metrics = new Map(
      rows.map(({ metric: key, dimensions, formula, ...row }): [string, Metric] => [
        key,
        {
          ...row,
          key,
          dimensions: Names.parse(JSON.parse(dimensions)),
          formula: formula === null ? null : parseFormula(formula),
          isSystem: false,
        },
      ]),
    );
    this.own.set(orgId, metrics);
    return metrics;
  }

  async find(orgId: string, key: string): Promise<Metric | undefined> {
    return systemMetrics.get(key) ?? (await this.ofOrg(orgId)).get(key);
  }

  /** @throws HubError METRIC_UNKNOWN */
  async get(orgId: string, key: string): Promise<Metric> {
    const found = await this.find(orgId, key);
    if (!found) throw unknownMetric(key);
    return found;
  }

  forget(orgId: string): void {
    this.own.delete(orgId);
  }
}

export const unknownMetric = (key: string): HubError =>
  new HubError('METRIC_UNKNOWN', `There is no metric ${key}.`, {
    errors: [{ path: 'metric', code: 'metric_unknown', message: 'is no metric of this organisation' }],
  });
