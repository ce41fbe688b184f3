import type { Aggregation, MetricKind } from '@loro/contracts/activity-values';
import { percentile } from './metric-histogram.policy';
import type { Bucket } from './metric-rollup.policy';

const PERCENTILES: Partial<Record<Aggregation, number>> = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 };

/** What a metric came to; null where there was nothing, or nothing that could be said so. */
export function valueOfBucket(bucket: Bucket | null, kind: MetricKind, agg: Aggregation): number | null {
  if (!bucket || bucket.n === 0) return null;
  const part = PERCENTILES[agg];
  if (part !== undefined)
    return bucket.histogram && percentile(bucket.histogram, part, { min: bucket.least, max: bucket.most });
  switch (agg === 'natural' ? naturalOf(kind) : agg) {
    case 'sum':
      return bucket.total;
    case 'count':
      return bucket.n;
    case 'min':
      return bucket.least;
    case 'max':
      return bucket.most;
    case 'last':
      return bucket.newest;
    case 'avg':
      return kind === 'ratio' ? shareOf(bucket) : bucket.total / bucket.n;
    default:
      return shareOf(bucket);
  }
}

const shareOf = ({ total, den }: Bucket): number | null => (den === 0 ? null : total / den);

function naturalOf(kind: MetricKind): Aggregation {
  if (kind === 'counter') return 'sum';
  if (kind === 'gauge') return 'last';
  // Of a ratio the mean is what it is of; see above.
  return 'avg';
}
