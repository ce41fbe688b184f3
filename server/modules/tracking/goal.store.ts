import type { Goal } from '@loro/contracts/activity-goals';
import { type Hub, NotFound } from '../../platform';
import type { GoalReading } from './goal.policy';

export interface GoalRow {
  readonly id: string;
  readonly name: string;
  readonly ownerType: Goal['ownerType'];
  readonly ownerId: string;
  readonly userId: string | null;
  readonly branchId: string | null;
  readonly metric: string | null;
  readonly unit: string;
  readonly start: number;
  readonly target: number;
  readonly from: string;
  readonly to: string;
  readonly atRiskSince: Date | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly version: number;
}

const COLUMNS = `id, name, owner_type AS ownerType, owner_id AS ownerId, user_id AS userId, branch_id AS branchId, metric, unit,
  start_value AS \`start\`, target, DATE_FORMAT(from_date, '%Y-%m-%d') AS \`from\`, DATE_FORMAT(to_date, '%Y-%m-%d') AS \`to\`,
  at_risk_since AS atRiskSince, created_by AS createdBy, created_at AS createdAt, version`;

export class GoalStore {
  constructor(private readonly hub: Hub) {}

  async goals(condition: string, values: Record<string, unknown>, tail = ''): Promise<GoalRow[]> {
    return this.hub.select<GoalRow>(`SELECT ${COLUMNS} FROM goals WHERE ${condition} ${tail}`, values);
  }

  /** @throws NotFound */
  async goal(orgId: string, id: string, lock = ''): Promise<GoalRow> {
    const [row] = await this.goals('org_id = :orgId AND id = :id', { orgId, id }, lock);
    if (!row) throw new NotFound('This goal');
    return row;
  }

  async put(orgId: string, row: GoalRow): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO goals (org_id, id, name, owner_type, owner_id, user_id, branch_id, metric, unit, start_value, target,
         from_date, to_date, at_risk_since, created_by, created_at, version) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
       ON DUPLICATE KEY UPDATE name = VALUES(name), unit = VALUES(unit), start_value = VALUES(start_value),
         target = VALUES(target), from_date = VALUES(from_date), to_date = VALUES(to_date),
         at_risk_since = VALUES(at_risk_since), version = VALUES(version)`,
      {
        replacements: [
          orgId,
          row.id,
          row.name,
          row.ownerType,
          row.ownerId,
          row.userId,
          row.branchId,
          row.metric,
          row.unit,
          row.start,
          row.target,
          row.from,
          row.to,
          row.atRiskSince,
          row.createdBy,
          row.createdAt,
          row.version,
        ],
      },
    );
  }

  async remove(orgId: string, id: string): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM goals WHERE org_id = ? AND id = ?', { replacements: [orgId, id] });
  }

  async readings(orgId: string, goalId: string): Promise<GoalReading[]> {
    return this.hub.select<GoalReading>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date, value FROM goal_points
        WHERE org_id = :orgId AND goal_id = :goalId ORDER BY date`,
      { orgId, goalId },
    );
  }

  async putReading(orgId: string, goalId: string, { date, value }: GoalReading): Promise<void> {
    await this.hub.sequelize.query(
      'INSERT INTO goal_points (org_id, goal_id, date, value) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)',
      { replacements: [orgId, goalId, date, value] },
    );
  }
}
