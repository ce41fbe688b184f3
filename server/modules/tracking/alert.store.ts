import { type Alert, AlertExpression, AlertMuteWindow, type AlertRule } from '@loro/contracts/activity-metrics';
import { z } from 'zod';
import { type Hub, HubError, NotFound } from '../../platform';
import type { AlertLife } from './alert-life.policy';

interface RuleRow {
  readonly id: string;
  readonly name: string;
  readonly metric: string;
  readonly branchId: string | null;
  readonly expr: string;
  readonly whereDims: string;
  readonly byDims: string;
  readonly forSec: number;
  readonly keepFiringSec: number;
  readonly noData: AlertRule['noData'];
  readonly severity: AlertRule['severity'];
  readonly targets: string;
  readonly muteWindows: string;
  readonly isEnabled: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly version: number;
}

export interface AlertRow {
  readonly id: string;
  readonly ruleId: string;
  readonly dimsHash: string;
  readonly dims: string;
  readonly state: Alert['state'];
  readonly since: Date;
  readonly firedAt: Date | null;
  readonly calmSince: Date | null;
  readonly toldAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly hasNoData: number;
  readonly value: number | null;
  readonly judgedAt: Date;
  readonly ackedBy: string | null;
  readonly ackedAt: Date | null;
  readonly mutedUntil: Date | null;
}

export const ALERT_COLUMNS = `a.id, a.rule_id AS ruleId, a.dims_hash AS dimsHash, a.dims, a.state, a.since,
  a.fired_at AS firedAt, a.calm_since AS calmSince, a.told_at AS toldAt, a.resolved_at AS resolvedAt,
  a.has_no_data AS hasNoData, a.value, a.judged_at AS judgedAt, a.acked_by AS ackedBy, a.acked_at AS ackedAt,
  a.muted_until AS mutedUntil`;
const RULE_COLUMNS = `id, name, metric, branch_id AS branchId, expr, where_dims AS whereDims, by_dims AS byDims,
  for_sec AS forSec, keep_firing_sec AS keepFiringSec, no_data AS noData, severity, targets, mute_windows AS muteWindows,
  is_enabled AS isEnabled, created_by AS createdBy, created_at AS createdAt, version`;

const Dims = z.record(z.string(), z.string());
const Names = z.array(z.string());
const Targets = z.object({ userIds: z.array(z.string()), mail: z.boolean() });
const Windows = z.array(AlertMuteWindow);

const presentRule = ({
  expr,
  whereDims,
  byDims,
  targets,
  muteWindows,
  isEnabled,
  createdAt,
  ...row
}: RuleRow): AlertRule => ({
  ...row,
  expr: AlertExpression.parse(JSON.parse(expr)),
  where: Dims.parse(JSON.parse(whereDims)),
  by: Names.parse(JSON.parse(byDims)),
  targets: Targets.parse(JSON.parse(targets)),
  muteWindows: Windows.parse(JSON.parse(muteWindows)),
  isEnabled: isEnabled === 1,
  createdAt: createdAt.toISOString(),
});

export const presentAlert = (
  row: AlertRow,
  { name, metric, severity, branchId }: Pick<AlertRule, 'name' | 'metric' | 'severity' | 'branchId'>,
): Alert => ({
  id: row.id,
  ruleId: row.ruleId,
  name,
  metric,
  severity,
  branchId,
  dims: Dims.parse(JSON.parse(row.dims)),
  state: row.state,
  since: row.since.toISOString(),
  firedAt: row.firedAt?.toISOString() ?? null,
  resolvedAt: row.resolvedAt?.toISOString() ?? null,
  value: row.value,
  hasNoData: Boolean(row.hasNoData),
  acknowledgedBy: row.ackedBy,
  acknowledgedAt: row.ackedAt?.toISOString() ?? null,
  mutedUntil: row.mutedUntil?.toISOString() ?? null,
});

export const lifeOf = ({ state, since, firedAt, calmSince, toldAt, hasNoData }: AlertRow): AlertLife => ({
  state,
  since: since.getTime(),
  firedAt: firedAt?.getTime() ?? null,
  calmSince: calmSince?.getTime() ?? null,
  toldAt: toldAt?.getTime() ?? null,
  hasNoData: Boolean(hasNoData),
});

/** Rules, and where each stands. */
export class AlertStore {
  constructor(private readonly hub: Hub) {}

  /** @throws NotFound */
  async rule(orgId: string, id: string): Promise<AlertRule> {
    const [row] = await this.rules('org_id = :orgId AND id = :id', { orgId, id });
    if (!row) throw new NotFound('This rule');
    return row;
  }

  async rules(condition: string, values: Record<string, unknown>, tail = ''): Promise<AlertRule[]> {
    const rows = await this.hub.select<RuleRow>(
      `SELECT ${RULE_COLUMNS} FROM alert_rules WHERE ${condition} ${tail}`,
      values,
    );
    return rows.map(presentRule);
  }

  /** @throws NotFound, HubError VERSION_CONFLICT */
  async lockedRule(orgId: string, id: string, version?: number): Promise<AlertRule> {
    const [rule] = await this.rules('org_id = :orgId AND id = :id', { orgId, id }, 'FOR UPDATE');
    if (!rule) throw new NotFound('This rule');
    if (version !== undefined && rule.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this rule meanwhile.', { current: rule });
    return rule;
  }

  async putRule(orgId: string, rule: AlertRule): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO alert_rules (org_id, id, name, metric, branch_id, expr, where_dims, by_dims, for_sec, keep_firing_sec,
         no_data, severity, targets, mute_windows, is_enabled, created_by, created_at, version)
       VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
       ON DUPLICATE KEY UPDATE name = VALUES(name), expr = VALUES(expr), where_dims = VALUES(where_dims),
         by_dims = VALUES(by_dims), for_sec = VALUES(for_sec), keep_firing_sec = VALUES(keep_firing_sec),
         no_data = VALUES(no_data), severity = VALUES(severity), targets = VALUES(targets),
         mute_windows = VALUES(mute_windows), is_enabled = VALUES(is_enabled), version = VALUES(version)`,
      {
        replacements: [
          orgId,
          rule.id,
          rule.name,
          rule.metric,
          rule.branchId,
          JSON.stringify(rule.expr),
          JSON.stringify(rule.where),
          JSON.stringify(rule.by),
          rule.forSec,
          rule.keepFiringSec,
          rule.noData,
          rule.severity,
          JSON.stringify(rule.targets),
          JSON.stringify(rule.muteWindows),
          rule.isEnabled,
          rule.createdBy,
          new Date(rule.createdAt),
          rule.version,
        ],
      },
    );
  }

  /** In the caller's transaction. */
  async ofRule(orgId: string, ruleId: string): Promise<AlertRow[]> {
    return this.hub.select<AlertRow>(
      `SELECT ${ALERT_COLUMNS} FROM alerts a WHERE a.org_id = :orgId AND a.rule_id = :ruleId FOR UPDATE`,
      { orgId, ruleId },
    );
  }

  /** @throws NotFound */
  async alert(orgId: string, id: string, lock = ''): Promise<{ row: AlertRow; rule: AlertRule }> {
    const [row] = await this.hub.select<AlertRow>(
      `SELECT ${ALERT_COLUMNS} FROM alerts a WHERE a.org_id = :orgId AND a.id = :id ${lock}`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This alert');
    return { row, rule: await this.rule(orgId, row.ruleId) };
  }

  async put(orgId: string, row: AlertRow): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO alerts (org_id, id, rule_id, dims_hash, dims, state, since, fired_at, calm_since, told_at, resolved_at,
         has_no_data, value, judged_at, acked_by, acked_at, muted_until)
       VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
       ON DUPLICATE KEY UPDATE state = VALUES(state), since = VALUES(since), fired_at = VALUES(fired_at),
         calm_since = VALUES(calm_since), told_at = VALUES(told_at), resolved_at = VALUES(resolved_at),
         has_no_data = VALUES(has_no_data), value = VALUES(value), judged_at = VALUES(judged_at),
         acked_by = VALUES(acked_by), acked_at = VALUES(acked_at), muted_until = VALUES(muted_until)`,
      {
        replacements: [
          orgId,
          row.id,
          row.ruleId,
          row.dimsHash,
          row.dims,
          row.state,
          row.since,
          row.firedAt,
          row.calmSince,
          row.toldAt,
          row.resolvedAt,
          Boolean(row.hasNoData),
          row.value,
          row.judgedAt,
          row.ackedBy,
          row.ackedAt,
          row.mutedUntil,
        ],
      },
    );
  }
}
