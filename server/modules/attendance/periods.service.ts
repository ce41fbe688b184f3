import { attendanceLive } from '@loro/contracts/attendance-live';
import type { NewPeriod, Period, PeriodState } from '@loro/contracts/attendance-periods';
import type { z } from 'zod';
import {
  type Actor,
  addDays,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { people } from '../people';
import type { CorrectionsService } from './corrections.service';
import type { PeriodsStore } from './periods.store';
import { found, mustBeAnother, reachSql } from './reach';
import type { RecomputingService } from './recomputing.service';

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: PeriodState | undefined;
  readonly userId?: string | undefined;
  readonly branchId?: string | undefined;
}
type Step = 'submit' | 'approve' | 'lock' | 'reopen';
type Permission = `attendance.${Step}-period`;
interface Move {
  readonly from: PeriodState;
  readonly to: PeriodState;
  readonly set: string;
}

const MOVES: Readonly<Record<Step, Move>> = {
  submit: { from: 'open', to: 'submitted', set: 'submitted_by = :userId' },
  approve: { from: 'submitted', to: 'approved', set: 'approved_by = :userId' },
  lock: { from: 'approved', to: 'locked', set: 'locked_by = :userId, locked_at = :now' },
  reopen: {
    from: 'locked',
    to: 'open',
    set: 'submitted_by = NULL, approved_by = NULL, locked_by = NULL, locked_at = NULL, reopen_reason = :reason',
  },
};

/** Days of a person, a branch or everybody: handed in, approved, locked, and opened again with a reason. */
export class PeriodsService {
  constructor(
    private readonly hub: Hub,
    private readonly store: PeriodsStore,
    private readonly corrections: CorrectionsService,
    private readonly recomputing: RecomputingService,
  ) {}

  async list(actor: Actor, { limit, cursor, state, userId, branchId }: ListQuery): Promise<Page<Period>> {
    const reach = reachSql(actor, 'attendance.read', { branch: BRANCH });
    const after = this.hub.cursors.decode('timesheet-periods', cursor);
    const where = [
      'org_id = :orgId',
      `(${reach.sql} OR (user_id IS NULL AND (branch_id IS NULL OR branch_id = :home)))`,
      ...(state === undefined ? [] : ['state = :state']),
      ...(userId === undefined ? [] : ['user_id = :userId']),
      ...(branchId === undefined ? [] : ['branch_id = :branchId']),
      ...(after ? ['id < :after'] : []),
    ];
    const values = {
      ...reach.values,
      orgId: actor.orgId,
      home: actor.homeBranchId ?? '',
      state,
      userId,
      branchId,
      after: after?.[0],
    };
    const rows = await this.store.list(where.join(' AND '), values, limit + 1);
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('timesheet-periods', [id]),
      (row) => row,
    );
  }

  async get(actor: Actor, id: string): Promise<Period> {
    const period = found(await this.store.find(actor.orgId, id), 'This period');
    const { userId, branchId } = period;
    // The periods of everybody, and of one’s own branch, are everybody’s to see.
    if (userId === null && (branchId === null || branchId === actor.homeBranchId)) allow(actor, 'attendance.read');
    else allow(actor, 'attendance.read', { ...(await this.thingOf(actor.orgId, period)), what: 'This period' });
    return period;
  }

  async open(actor: Actor, input: z.output<typeof NewPeriod>): Promise<Period> {
    const { orgId } = actor;
    const { userId, branchId, from, to } = input;
    if (branchId !== null && !(await this.hub.ports.hasBranch(orgId, branchId))) throw new NotFound('This branch');
    allow(actor, 'attendance.open-period', { ...(await this.thingOf(orgId, input)), what: 'This period' });
    return this.hub.transact(async (after) => {
      // Whoever opens a period takes the organisation first: of two at once, the second sees the first.
      await this.hub.select('SELECT id FROM organisations WHERE id = :orgId FOR UPDATE', { orgId });
      const [other] = await this.store.overlapping(orgId, input);
      if (other)
        throw new Conflict('PERIOD_OVERLAP', `There is one from ${other.from} to ${other.to}.`, { current: other });
      const id = ulid(this.hub.now().getTime());
      await this.hub.sequelize.query(
        "INSERT INTO timesheet_periods (org_id, id, user_id, branch_id, from_date, to_date, state) VALUES (?, ?, ?, ?, ?, ?, 'open')",
        { replacements: [orgId, id, userId, branchId, from, to] },
      );
      const period = found(await this.store.find(orgId, id), 'This period');
      this.tell(after, orgId, 'opened', period);
      return period;
    });
  }

  submit(actor: Actor, id: string): Promise<Period> {
    return this.step(actor, id, 'submit', '', async () => {});
  }

  approve(actor: Actor, id: string): Promise<Period> {
    return this.step(actor, id, 'approve', '', async (period) => {
      if (period.userId !== null) mustBeAnother(actor, period.userId);
    });
  }

  /** What waits is decided first; then the days are as they are. */
  lock(actor: Actor, id: string): Promise<Period> {
    return this.step(actor, id, 'lock', '', async (period) => {
      const waiting = await this.waiting(actor.orgId, period);
      if (waiting.corrections + waiting.claims > 0)
        throw new Conflict('PERIOD_UNSETTLED', 'Corrections or overtime of these days wait for a decision.', {
          current: waiting,
        });
      await this.setLocked(actor.orgId, period, this.hub.now());
    });
  }

  /** What came for the days while they were locked counts from now on. */
  reopen(actor: Actor, id: string, reason: string): Promise<Period> {
    return this.step(actor, id, 'reopen', reason, async (period, after) => {
      const { orgId } = actor;
      await this.setLocked(orgId, period, null);
      await this.corrections.settleLate(actor, daysOf(period), valuesOf(period), after);
      const rows = await this.hub.select<{ userId: string }>(
        `SELECT DISTINCT user_id AS userId FROM attendance_days WHERE org_id = :orgId AND ${daysOf(period)}
          UNION SELECT DISTINCT user_id FROM attendance_punches WHERE org_id = :orgId AND local_date >= :from AND local_date < :to
            AND ${ofPeople(period)}`,
        { orgId, ...valuesOf(period) },
      );
      await this.recomputing.people(
        orgId,
        rows.map(({ userId }) => userId),
        { from: period.from, to: addDays(period.to, -1) },
        after,
      );
    });
  }

  private async step(
    actor: Actor,
    id: string,
    step: Step,
    reason: string,
    act: (period: Period, after: After) => Promise<void>,
  ): Promise<Period> {
    const { orgId, userId } = actor;
    const permission: Permission = `attendance.${step}-period`;
    return this.hub.transact(async (after) => {
      const before = found(await this.store.find(orgId, id, true), 'This period');
      allow(actor, permission, { ...(await this.thingOf(orgId, before)), what: 'This period' });
      const { from, to, set } = MOVES[step];
      if (before.state !== from) throw new HubError('STATE_INVALID', `It is ${before.state}, and not ${from}.`);
      await act(before, after);
      await this.hub.sequelize.query(
        `UPDATE timesheet_periods SET state = :to, ${set}, version = version + 1 WHERE org_id = :orgId AND id = :id`,
        { replacements: { to, orgId, id, userId, now: this.hub.now(), reason } },
      );
      const period = found(await this.store.find(orgId, id), 'This period');
      this.tell(after, orgId, to === 'open' ? 'reopened' : to, period, before);
      return period;
    });
  }

  private async setLocked(orgId: string, period: Period, at: Date | null): Promise<void> {
    await this.hub.sequelize.query(
      `UPDATE attendance_days SET locked_at = :at WHERE org_id = :orgId AND ${daysOf(period)}`,
      { replacements: { at, orgId, ...valuesOf(period) } },
    );
  }

  private async waiting(orgId: string, period: Period): Promise<{ corrections: number; claims: number }> {
    const count = async (table: string): Promise<number> => {
      const [row] = await this.hub.select<{ n: number }>(
        `SELECT COUNT(*) AS n FROM ${table} WHERE org_id = :orgId AND state = 'pending' AND ${daysOf(period)}`,
        { orgId, ...valuesOf(period) },
      );
      return row?.n ?? 0;
    };
    return { corrections: await count('attendance_corrections'), claims: await count('overtime_claims') };
  }

  /** Whose it is and where, for the question of rights. @throws NotFound */
  private async thingOf(orgId: string, { userId, branchId }: Pick<Period, 'userId' | 'branchId'>) {
    if (userId === null) return { branchId };
    return { userId, branchId: (await this.hub.use(people).byId(orgId, userId)).homeBranchId };
  }

  private tell(after: After, orgId: string, what: string, period: Period, before?: Period): void {
    const { id, branchId, from, to, state } = period;
    after.record({
      action: `timesheet-period.${what}`,
      orgId,
      entity: { type: 'timesheet-period', id },
      branchId,
      ...(before && { before }),
      after: period,
    });
    if (branchId !== null)
      after.publish(
        attendanceLive,
        'attendance:period-changed',
        { orgId, id: branchId },
        { periodId: id, from, to, state },
      );
  }
}

const BRANCH =
  'COALESCE(branch_id, (SELECT p.home_branch_id FROM attendance_people p WHERE p.org_id = timesheet_periods.org_id AND p.user_id = timesheet_periods.user_id))';

const ofPeople = ({ userId, branchId }: Period): string =>
  userId !== null ? 'user_id = :ofUser' : branchId === null ? '1 = 1' : 'branch_id = :ofBranch';
const daysOf = (period: Period): string => `work_date >= :from AND work_date < :to AND ${ofPeople(period)}`;
const valuesOf = ({ from, to, userId, branchId }: Period) => ({ from, to, ofUser: userId, ofBranch: branchId });
