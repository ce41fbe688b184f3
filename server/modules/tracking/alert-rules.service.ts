import { AlertRule, type AlertRuleChange, type NewAlertRule } from '@loro/contracts/activity-metrics';
import type { z } from 'zod';
import { type Actor, allow, type Hub, HubError, may, NotFound, type Page, pageOf, ulid } from '../../platform';
import type { ActivityPlaces } from './activity-places';
import { scopeOf, scopeSql, scopeValues } from './activity-scope';
import type { AlertStore } from './alert.store';
import { hubMetrics, type Metric, type MetricBook, unknownMetric } from './metric-book';

/** Rules that watch metrics. */
export class AlertRules {
  constructor(
    private readonly hub: Hub,
    private readonly by: { readonly store: AlertStore; readonly book: MetricBook; readonly places: ActivityPlaces },
  ) {}

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<AlertRule>> {
    const scope = scopeOf(actor, 'activity.read');
    const before = this.hub.cursors.decode('alert-rules', cursor);
    const rules = await this.by.store.rules(
      `org_id = :orgId AND id < :before AND ${scopeSql(scope, { branch: 'branch_id', user: 'created_by' })}`,
      { orgId: actor.orgId, before: before?.[0] ?? 'Z', ...scopeValues(scope) },
      `ORDER BY id DESC LIMIT ${limit + 1}`,
    );
    return pageOf(
      rules,
      limit,
      ({ id }) => this.hub.cursors.encode('alert-rules', [id]),
      (rule) => rule,
    );
  }

  async get(actor: Actor, id: string): Promise<AlertRule> {
    const rule = await this.by.store.rule(actor.orgId, id);
    allow(actor, 'activity.read', thingOf(rule));
    return rule;
  }

  async create(actor: Actor, body: NewAlertRule): Promise<AlertRule> {
    const { orgId, userId } = actor;
    if (body.branchId !== null && !(await this.by.places.hasBranch(orgId, body.branchId)))
      throw new NotFound('This branch');
    this.mustManage(actor, body.branchId);
    const targets = body.targets ?? { userIds: [userId], mail: false };
    await this.mustBeOurs(orgId, targets.userIds);
    const metric = await this.metricFor(actor, body.metric);
    const now = this.hub.now();
    const rule: AlertRule = {
      ...body,
      targets,
      id: ulid(now.getTime()),
      createdBy: userId,
      createdAt: now.toISOString(),
      version: 1,
    };
    check(metric, rule);
    await this.hub.transact(async (after) => {
      await this.by.store.putRule(orgId, rule);
      after.record({
        action: 'alert-rule.created',
        entity: { type: 'alert-rule', id: rule.id },
        branchId: rule.branchId,
        after: rule,
      });
    });
    return rule;
  }

  async update(
    actor: Actor,
    id: string,
    version: number,
    change: z.output<typeof AlertRuleChange>,
  ): Promise<AlertRule> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const before = await this.by.store.lockedRule(orgId, id);
      this.mustManage(actor, before.branchId, 'This rule');
      await this.by.store.lockedRule(orgId, id, version);
      const rule = AlertRule.parse({ ...before, ...change, version: version + 1 });
      await this.mustBeOurs(orgId, rule.targets.userIds);
      check(await this.metricFor(actor, rule.metric), rule);
      await this.by.store.putRule(orgId, rule);
      // What stood by the old words says nothing about the new ones.
      await this.hub.sequelize.query('DELETE FROM alerts WHERE org_id = ? AND rule_id = ?', {
        replacements: [orgId, id],
      });
      after.record({
        action: 'alert-rule.updated',
        entity: { type: 'alert-rule', id },
        branchId: rule.branchId,
        before,
        after: rule,
      });
      return rule;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      const before = await this.by.store.lockedRule(orgId, id);
      this.mustManage(actor, before.branchId, 'This rule');
      await this.by.store.lockedRule(orgId, id, version);
      await this.hub.sequelize.query('DELETE FROM alert_rules WHERE org_id = ? AND id = ?', {
        replacements: [orgId, id],
      });
      after.record({
        action: 'alert-rule.removed',
        entity: { type: 'alert-rule', id },
        branchId: before.branchId,
        before,
      });
    });
  }

  /** Rules that read a metric. */
  async readers(orgId: string, metric: string): Promise<string[]> {
    const rules = await this.by.store.rules('org_id = :orgId AND metric = :metric', { orgId, metric });
    return rules.map(({ name }) => `the rule ${name}`);
  }

  /** A rule without a branch is about the whole organisation. */
  private mustManage(actor: Actor, branchId: string | null, what = 'This branch'): void {
    allow(actor, 'metrics.manage', { branchId, what });
  }

  private async metricFor(actor: Actor, key: string): Promise<Metric> {
    const ofHub = hubMetrics.get(key);
    if (!ofHub) return this.by.book.get(actor.orgId, key);
    // What the hub measures of itself is for those who keep it.
    if (!may(actor, 'platform.observe')) throw unknownMetric(key);
    return ofHub;
  }

  private async mustBeOurs(orgId: string, userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) await this.by.places.homeOf(orgId, userId);
  }
}

/** @throws HubError EXPR_INVALID for what the metric does not have */
function check(metric: Metric, rule: AlertRule): void {
  const wrong = [...rule.by, ...Object.keys(rule.where)].filter(
    (name) => metric.kind !== 'formula' && !metric.dimensions.includes(name),
  );
  if (wrong.length > 0)
    throw new HubError('EXPR_INVALID', `${metric.key} has no dimension ${wrong.join(', ')}.`, {
      errors: wrong.map((name) => ({
        path: 'by',
        code: 'unknown_dimension',
        message: `${name} is no dimension of it`,
      })),
    });
  if (/^p\d/.test(rule.expr.agg) && metric.kind !== 'histogram')
    throw new HubError('EXPR_INVALID', 'Percentiles are of histograms alone.', {
      errors: [{ path: 'expr.agg', code: 'not_histogram', message: 'needs a histogram' }],
    });
}

const thingOf = ({ branchId, createdBy }: AlertRule) => ({ branchId, userId: createdBy, what: 'This rule' });
