import type { Comparison, MetricDay, Metrics } from '@loro/contracts/branches-figures';
import type { z } from 'zod';
import { type Actor, type After, allow, type Hub, reachOf } from '../../platform';
import { BranchModel } from './branch.model';
import type { BranchesStore } from './branches.store';
import { datesOf } from './capacity.policy';
import type { CapacityService } from './capacity.service';
import { isOn } from './staffing.policy';

interface Span {
  readonly from: string;
  readonly to: string;
}

/** A value or target of a day; what is left out stays as it is. */
export interface Measured {
  readonly date: string;
  readonly value?: number | null | undefined;
  readonly target?: number | null | undefined;
}

type By = z.output<typeof Comparison>['by'];

/** How branches do, day by day, as other rooms and integrations measure it. */
export class MetricsService {
  constructor(
    private readonly hub: Hub,
    private readonly branches: BranchesStore,
    private readonly capacity: CapacityService,
  ) {}

  async read(
    actor: Actor,
    branchId: string,
    { metric, ...span }: Span & { metric: string },
  ): Promise<z.output<typeof Metrics>> {
    allow(actor, 'branches.read-metrics', { branchId, what: 'This branch' });
    const { orgId } = actor;
    await this.branches.find(orgId, branchId);
    const days = await this.hub.select<MetricDay>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date, value, target FROM branch_metric_daily
        WHERE org_id = :orgId AND branch_id = :branchId AND metric = :metric AND date >= :from AND date < :to ORDER BY date`,
      { orgId, branchId, metric, ...span },
    );
    const values = days.flatMap(({ value }) => (value === null ? [] : [value]));
    const sum = values.reduce((whole, value) => whole + value, 0);
    const targeted = days.filter(({ target }) => target !== null);
    return {
      branchId,
      metric,
      days,
      sum,
      mean: values.length === 0 ? null : sum / values.length,
      reached: targeted.filter(({ value, target }) => value !== null && target !== null && value >= target).length,
      targeted: targeted.length,
    };
  }

  async names(actor: Actor, branchId: string): Promise<{ metrics: string[] }> {
    allow(actor, 'branches.read-metrics', { branchId, what: 'This branch' });
    await this.branches.find(actor.orgId, branchId);
    const rows = await this.hub.select<{ metric: string }>(
      'SELECT DISTINCT metric FROM branch_metric_daily WHERE org_id = :orgId AND branch_id = :branchId ORDER BY metric',
      { orgId: actor.orgId, branchId },
    );
    return { metrics: rows.map(({ metric }) => metric) };
  }

  async set(
    actor: Actor,
    branchId: string,
    { metric, days }: { metric: string; days: readonly Measured[] },
  ): Promise<{ written: number }> {
    allow(actor, 'branches.manage', { branchId, what: 'This branch' });
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      await this.branches.lock(orgId, branchId);
      await this.put(orgId, branchId, metric, days, after);
    });
    return { written: days.length };
  }

  /** For the rooms that measure: in the caller's transaction. */
  async put(orgId: string, branchId: string, metric: string, days: readonly Measured[], after: After): Promise<void> {
    for (const { date, value, target } of days)
      await this.hub.sequelize.query(
        `INSERT INTO branch_metric_daily (org_id, branch_id, metric, date, value, target) VALUES (?, ?, ?, ?, ?, ?)
          ON DUPLICATE KEY UPDATE value = IF(?, VALUES(value), value), target = IF(?, VALUES(target), target)`,
        {
          replacements: [
            orgId,
            branchId,
            metric,
            date,
            value ?? null,
            target ?? null,
            value !== undefined,
            target !== undefined,
          ],
        },
      );
    after.record({
      action: 'branch.metrics-set',
      orgId,
      entity: { type: 'branch', id: branchId },
      branchId,
      data: { metric, days: days.length, from: days[0]?.date ?? null, to: days.at(-1)?.date ?? null },
    });
  }

  async compare(
    actor: Actor,
    { metric, by, ...span }: Span & { metric: string; by: By },
  ): Promise<z.output<typeof Comparison>> {
    const { scope, branchIds } = reachOf(actor, 'branches.read-metrics');
    const { orgId } = actor;
    const rows = await BranchModel.findAll({
      where: { orgId, ...(scope !== 'org' && { id: [...branchIds] }) },
      order: ['code'],
    });
    const totals = await this.totals(orgId, metric, span);
    const measured = rows.filter(({ id }) => totals.has(id));
    const staff = await this.meanStaff(
      orgId,
      measured.map(({ id }) => id),
      span,
    );
    const compared = measured.map(({ id, code, name }) => {
      const total = totals.get(id) ?? 0;
      const { fte, heads } = staff.get(id) ?? { fte: 0, heads: 0 };
      const divisor = by === 'total' ? 1 : by === 'fte' ? fte : heads;
      return { branchId: id, code, name, total, fte, heads, value: divisor === 0 ? null : total / divisor };
    });
    return { metric, by, branches: ranked(compared) };
  }

  private async totals(orgId: string, metric: string, { from, to }: Span): Promise<Map<string, number>> {
    const rows = await this.hub.select<{ branchId: string; total: number }>(
      `SELECT branch_id AS branchId, SUM(value) AS total FROM branch_metric_daily
        WHERE org_id = :orgId AND metric = :metric AND date >= :from AND date < :to AND value IS NOT NULL GROUP BY branch_id`,
      { orgId, metric, from, to },
    );
    return new Map(rows.map(({ branchId, total }) => [branchId, total]));
  }

  /** People of each branch, as the mean over the days. */
  private async meanStaff(orgId: string, branchIds: readonly string[], span: Span) {
    const posts = branchIds.length === 0 ? [] : await this.capacity.posts(orgId, branchIds, span);
    const dates = datesOf(span);
    const means = new Map<string, { fte: number; heads: number }>();
    for (const branchId of branchIds) {
      const own = posts.filter((post) => post.branchId === branchId);
      let [centi, heads] = [0, 0];
      for (const date of dates)
        for (const post of own)
          if (isOn(post, date)) {
            centi += post.fteCenti;
            heads += 1;
          }
      means.set(branchId, { fte: centi / 100 / dates.length, heads: heads / dates.length });
    }
    return means;
  }
}

/** Highest first, ties by code and on one rank; those without a value last. */
function ranked<T extends { code: string; value: number | null }>(
  compared: readonly T[],
): (T & { rank: number | null })[] {
  const ordered = compared.toSorted(
    (a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity) || (a.code < b.code ? -1 : 1),
  );
  return ordered.map((one) => ({
    ...one,
    rank:
      one.value === null ? null : 1 + ordered.filter(({ value }) => value !== null && value > (one.value ?? 0)).length,
  }));
}
