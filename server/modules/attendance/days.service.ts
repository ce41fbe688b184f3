import type { Today } from '@loro/contracts/attendance-days';
import type { Day, DayExplanation, DayStatus } from '@loro/contracts/attendance-values';
import { type Actor, addDays, allow, type Hub, HubError, type Page, pageOf } from '../../platform';
import type { ComputingService } from './computing.service';
import type { DayRowsStore, KeptDay } from './day-rows.store';
import type { DirtyStore } from './dirty.store';
import type { FactsStore } from './facts.store';
import { weekStartOf } from './overtime.policy';
import type { PeriodsStore } from './periods.store';
import type { PlacesService } from './places.service';
import type { PunchesStore } from './punches.store';
import { found, mustBeAnother, reachSql } from './reach';
import type { RostersService } from './rosters.service';

interface Uses {
  readonly rows: DayRowsStore;
  readonly punches: PunchesStore;
  readonly facts: FactsStore;
  readonly places: PlacesService;
  readonly computing: ComputingService;
  readonly rosters: RostersService;
  readonly periods: PeriodsStore;
  readonly dirty: DirtyStore;
}

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly status?: DayStatus | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Days as people read them, and what people say about them. */
export class DaysService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async list(actor: Actor, query: ListQuery): Promise<Page<Day>> {
    const { limit, cursor, userId, branchId, status, from, to } = query;
    const reach = reachSql(actor, 'attendance.read');
    const after = this.hub.cursors.decode('attendance-days', cursor);
    const where = [
      reach.sql,
      ...(userId === undefined ? [] : ['user_id = :userId']),
      ...(branchId === undefined ? [] : ['branch_id = :branchId']),
      ...(status === undefined ? [] : ['status = :status']),
      ...(from === undefined ? [] : ['work_date >= :from']),
      ...(to === undefined ? [] : ['work_date < :to']),
      ...(after ? ['(work_date, user_id, occurrence_key) > (:afterDate, :afterUser, :afterKey)'] : []),
    ];
    const rows = await this.uses.rows.list(
      actor.orgId,
      where.join(' AND '),
      {
        ...reach.values,
        userId,
        branchId,
        status,
        from,
        to,
        afterDate: after?.[0],
        afterUser: after?.[1],
        afterKey: after?.[2],
      },
      limit + 1,
    );
    return pageOf(
      rows,
      limit,
      ({ day }) => this.hub.cursors.encode('attendance-days', [day.workDate, day.userId, day.occurrenceKey]),
      ({ day }) => day,
    );
  }

  async get(actor: Actor, dayId: string): Promise<Day> {
    return (await this.find(actor, dayId, 'attendance.read')).day;
  }

  async explain(actor: Actor, dayId: string): Promise<DayExplanation> {
    const { day, detail, inputsHash, policyId } = await this.find(actor, dayId, 'attendance.read');
    const { punchIds, verification: _, ...shown } = detail;
    const policies = await this.uses.facts.policies(actor.orgId);
    return {
      ...shown,
      day,
      punches: await this.uses.punches.byIds(actor.orgId, punchIds),
      policyName: policies.find(({ id }) => id === policyId)?.name ?? null,
      inputsHash,
    };
  }

  async today(actor: Actor): Promise<Today> {
    const { orgId, userId, homeBranchId } = actor;
    allow(actor, 'attendance.read', { userId, branchId: homeBranchId });
    const { calendar } = await this.uses.places.at(orgId, homeBranchId);
    const now = this.hub.now();
    const date = calendar.dateOf(now);
    const weekStart = weekStartOf(date, 1);
    const days = (await this.uses.rows.of(orgId, userId, addDays(weekStart, -1), date)).map(({ day }) => day);
    const open = days.find(({ openSince }) => openSince !== null);
    // A night shift of yesterday that is still open is today’s as well.
    const shown = days.filter((day) => day.workDate === date || day === open);
    const sinceSec = open?.openSince ? Math.max(0, (now.getTime() - Date.parse(open.openSince)) / 1_000) : 0;
    const sum = (some: readonly Day[]): number =>
      some.reduce((total, { workedSec }) => total + workedSec, Math.round(sinceSec));
    return {
      userId,
      date,
      timezone: calendar.zoneAt(now),
      at: now.toISOString(),
      roster: await this.uses.rosters.dayOf(orgId, userId, date),
      days: shown,
      punches: await this.uses.punches.of(orgId, userId, addDays(date, open && open.workDate < date ? -1 : 0), date),
      openSince: open?.openSince ?? null,
      workedSec: sum(shown),
      weekWorkedSec: sum(days.filter(({ workDate }) => workDate >= weekStart)),
    };
  }

  async excuse(actor: Actor, dayId: string, reason: string): Promise<Day> {
    return this.change(actor, dayId, 'attendance.excuse', async ({ day }) => {
      await this.hub.sequelize.query(
        `INSERT INTO attendance_excuses (org_id, user_id, date, reason, given_by, given_at) VALUES (?, ?, ?, ?, ?, ?)
          ON DUPLICATE KEY UPDATE reason = VALUES(reason), given_by = VALUES(given_by), given_at = VALUES(given_at)`,
        { replacements: [actor.orgId, day.userId, day.workDate, reason, actor.userId, this.hub.now()] },
      );
      return { action: 'attendance-day.excused', data: { reason } };
    });
  }

  async unexcuse(actor: Actor, dayId: string, reason: string): Promise<Day> {
    return this.change(actor, dayId, 'attendance.excuse', async ({ day }) => {
      const [known] = await this.hub.select<{ date: string }>(
        'SELECT date FROM attendance_excuses WHERE org_id = :orgId AND user_id = :userId AND date = :date FOR UPDATE',
        { orgId: actor.orgId, userId: day.userId, date: day.workDate },
      );
      if (!known) throw new HubError('STATE_INVALID', 'Nobody excused this day.');
      await this.hub.sequelize.query('DELETE FROM attendance_excuses WHERE org_id = ? AND user_id = ? AND date = ?', {
        replacements: [actor.orgId, day.userId, day.workDate],
      });
      return { action: 'attendance-day.excuse-taken-back', data: { reason } };
    });
  }

  /** Lets punches count that nothing verified. */
  async confirm(actor: Actor, dayId: string, reason: string): Promise<Day> {
    return this.change(actor, dayId, 'attendance.decide-correction', async ({ day, detail }) => {
      mustBeAnother(actor, day.userId);
      await this.uses.punches.confirm(actor.orgId, detail.punchIds, actor.userId);
      return { action: 'attendance-day.confirmed', data: { reason } };
    });
  }

  /** For other rooms, which have asked their own permission: what somebody’s date was, occurrence by occurrence. */
  async dayOf(orgId: string, userId: string, date: string): Promise<Day[]> {
    return (await this.uses.rows.of(orgId, userId, date, date)).map(({ day }) => day);
  }

  async workedBetween(orgId: string, userId: string, from: string, to: string): Promise<Map<string, number>> {
    const worked = new Map<string, number>();
    for (const { day } of await this.uses.rows.of(orgId, userId, from, to))
      worked.set(day.workDate, (worked.get(day.workDate) ?? 0) + day.workedSec);
    return worked;
  }

  private async change(
    actor: Actor,
    dayId: string,
    permission: 'attendance.excuse' | 'attendance.decide-correction',
    act: (kept: KeptDay) => Promise<{ action: `attendance-day.${string}`; data: Record<string, string> }>,
  ): Promise<Day> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const kept = await this.find(actor, dayId, permission);
      const { userId, branchId, workDate } = kept.day;
      await this.uses.periods.mustBeOpen(orgId, { userId, branchId }, workDate);
      const { action, data } = await act(kept);
      after.record({ action, orgId, entity: { type: 'attendance-day', id: dayId }, branchId, data });
      await this.uses.computing.compute(orgId, [userId], workDate, workDate);
      // This transaction may see an older moment than what came meanwhile: a job looks once more.
      await this.uses.dirty.mark(orgId, userId, workDate, after);
      return (await this.uses.rows.find(orgId, dayId))?.day ?? kept.day;
    });
  }

  private async find(
    actor: Actor,
    dayId: string,
    permission: 'attendance.read' | 'attendance.excuse' | 'attendance.decide-correction',
  ): Promise<KeptDay> {
    const kept = await this.uses.rows.find(actor.orgId, dayId);
    const { day } = found(kept, 'This day');
    allow(actor, permission, { userId: day.userId, branchId: day.branchId, what: 'This day' });
    return found(kept, 'This day');
  }
}
