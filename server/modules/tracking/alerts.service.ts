import { activityLive } from '@loro/contracts/activity-live';
import type { Alert, AlertRule } from '@loro/contracts/activity-metrics';
import { type Actor, Conflict, type Hub, may, NotFound, type Page, pageOf, reachOf } from '../../platform';
import { type Scope, scopeOf, scopeValues } from './activity-scope';
import { ALERT_COLUMNS, type AlertRow, type AlertStore, presentAlert } from './alert.store';

type Listed = AlertRow & {
  readonly name: string;
  readonly metric: string;
  readonly severity: Alert['severity'];
  readonly branchId: string | null;
};

/** Alerts as people see them, take care of them and mute them. */
export class Alerts {
  constructor(
    private readonly hub: Hub,
    private readonly store: AlertStore,
  ) {}

  async list(
    actor: Actor,
    query: {
      limit: number;
      cursor?: string | undefined;
      state?: Alert['state'] | undefined;
      ruleId?: string | undefined;
    },
  ): Promise<Page<Alert>> {
    const { orgId } = actor;
    const { limit, cursor, state, ruleId } = query;
    const scope = scopeOf(actor, 'activity.read');
    if (ruleId !== undefined) await this.store.rule(orgId, ruleId);
    const before = this.hub.cursors.decode('alerts', cursor);
    const rows = await this.hub.select<Listed>(
      `SELECT ${ALERT_COLUMNS}, r.name, r.metric, r.severity, r.branch_id AS branchId
         FROM alerts a JOIN alert_rules r ON r.org_id = a.org_id AND r.id = a.rule_id
        WHERE a.org_id = :orgId AND a.id < :before AND ${seenSql(scope)}
          ${state === undefined ? '' : 'AND a.state = :state'} ${ruleId === undefined ? '' : 'AND a.rule_id = :ruleId'}
        ORDER BY a.id DESC LIMIT ${limit + 1}`,
      { orgId, state, ruleId, before: before?.[0] ?? 'Z', self: actor.userId, ...scopeValues(scope) },
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('alerts', [id]),
      (row) => presentAlert(row, row),
    );
  }

  async get(actor: Actor, id: string): Promise<Alert> {
    const { row, rule } = await this.store.alert(actor.orgId, id);
    this.mustSee(actor, 'activity.read', rule);
    return presentAlert(row, rule);
  }

  async acknowledge(actor: Actor, id: string, note: string): Promise<Alert> {
    return this.handle(actor, id, 'alert.acknowledged', { note }, (row) => {
      if (row.state !== 'firing') throw new Conflict('ALERT_NOT_FIRING', 'It is well already.');
      return { ...row, ackedBy: actor.userId, ackedAt: this.hub.now() };
    });
  }

  async mute(actor: Actor, id: string, until: string | null): Promise<Alert> {
    return this.handle(actor, id, 'alert.muted', { until }, (row) => ({
      ...row,
      mutedUntil: until === null ? null : new Date(until),
    }));
  }

  private async handle(
    actor: Actor,
    id: string,
    action: 'alert.acknowledged' | 'alert.muted',
    data: Record<string, string | null>,
    change: (row: AlertRow) => AlertRow,
  ): Promise<Alert> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const { row, rule } = await this.store.alert(orgId, id, 'FOR UPDATE');
      this.mustSee(actor, 'alerts.handle', rule);
      const next = change(row);
      await this.store.put(orgId, next);
      const alert = presentAlert(next, rule);
      // Whoever else was told sees that somebody is at it.
      if (action === 'alert.acknowledged')
        for (const to of new Set([rule.branchId ?? orgId, ...rule.targets.userIds]))
          after.publish(activityLive, 'alert:acknowledged', { orgId, id: to }, alert);
      after.record({
        action,
        entity: { type: 'alert', id },
        branchId: rule.branchId,
        data: { ...data, rule: rule.name },
      });
      return alert;
    });
  }

  /** Whoever is told of it, and whoever sees the branch that it is about. */
  private mustSee(actor: Actor, permission: 'activity.read' | 'alerts.handle', rule: AlertRule): void {
    reachOf(actor, permission);
    if (rule.targets.userIds.includes(actor.userId)) return;
    if (!may(actor, permission, { branchId: rule.branchId, userId: rule.createdBy })) throw new NotFound('This alert');
  }
}

const seenSql = (scope: Scope): string =>
  scope === null
    ? 'TRUE'
    : `(r.branch_id IN (:scopeBranches) OR r.created_by IN (:scopeUsers) OR r.targets LIKE CONCAT('%', :self, '%'))`;
