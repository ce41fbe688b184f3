import { type Answered } from '../../platform';
import { counted } from './activity-tally';
import { bucketOf } from './metric-histogram.policy';
import { minuteOf, type Point } from './metric-points.store';

/** Sums of one organisation, part of the hub and minute that are kept at most: with the database away nobody takes them. */
const MOST = 20_000;

interface Sum {
  readonly orgId: string;
  readonly feature: string;
  at: Date;
  n: number;
  total: number;
  least: number;
  most: number;
  newest: number;
  readonly buckets: Map<number, number>;
  readonly outcomes: Map<string, number>;
}

/** Answers of the REST side added up as they come: of each call a few numbers change, and nothing is made. */
export class AnswerSums {
  private sums = new Map<string, Sum>();

  add({ status, ms }: Pick<Answered, 'status' | 'ms'>, orgId: string, feature: string, at: Date): void {
    const key = `${orgId} ${feature} ${minuteOf(at).getTime()}`;
    let sum = this.sums.get(key);
    if (!sum) {
      if (this.sums.size >= MOST) return;
      sum = {
        orgId,
        feature,
        at,
        n: 0,
        total: 0,
        least: ms,
        most: ms,
        newest: ms,
        buckets: new Map(),
        outcomes: new Map(),
      };
      this.sums.set(key, sum);
    }
    sum.at = at;
    sum.n += 1;
    sum.total += ms;
    sum.least = Math.min(sum.least, ms);
    sum.most = Math.max(sum.most, ms);
    sum.newest = ms;
    const bucket = bucketOf(ms);
    sum.buckets.set(bucket, (sum.buckets.get(bucket) ?? 0) + 1);
    const outcome = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';
    sum.outcomes.set(outcome, (sum.outcomes.get(outcome) ?? 0) + 1);
  }

  /** What was added up since the last time. */
  take(): Point[] {
    const { sums } = this;
    this.sums = new Map();
    return [...sums.values()].flatMap(({ feature, buckets: histogram, outcomes, ...sum }) => [
      ...[...outcomes].map(([outcome, n]) => counted(sum.orgId, 'api.calls', sum.at, { feature, outcome }, n)),
      { ...sum, metric: 'api.latency', dims: { feature }, den: sum.n, histogram },
    ]);
  }
}
