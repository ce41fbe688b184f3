import type { NewCorrection } from '@loro/contracts/attendance-days';
import { attendanceLive } from '@loro/contracts/attendance-live';
import { type Correction, type correctionStates, ProposedPunch } from '@loro/contracts/attendance-values';
import { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  Invalid,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import type { ComputingService } from './computing.service';
import type { DayRowsStore } from './day-rows.store';
import type { DirtyStore } from './dirty.store';
import type { PeriodsStore } from './periods.store';
import type { PlacesService } from './places.service';
import type { PunchesService } from './punches.service';
import type { PunchesStore } from './punches.store';
import { found, mustBeAnother, reachSql } from './reach';

type State = (typeof correctionStates)[number];

interface Uses {
  readonly days: DayRowsStore;
  readonly punches: PunchesStore;
  readonly making: PunchesService;
  readonly places: PlacesService;
  readonly periods: PeriodsStore;
  readonly dirty: DirtyStore;
  readonly computing: ComputingService;
}

interface Row extends Omit<Correction, 'punches' | 'requestedAt' | 'decidedAt'> {
  readonly punches: string;
  readonly requestedAt: Date;
  readonly decidedAt: Date | null;
}

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: State | undefined;
  readonly userId?: string | undefined;
}

const AHEAD_MS = 120_000;
const Proposed = z.array(ProposedPunch);
const SHOWN = `id, user_id AS userId, branch_id AS branchId, DATE_FORMAT(work_date, '%Y-%m-%d') AS workDate, day_id AS dayId,
  kind, punches, reason, state, requested_at AS requestedAt, decided_by AS decidedBy, decided_at AS decidedAt, note, version`;

const toContract = ({ punches, requestedAt, decidedAt, ...row }: Row): Correction => ({
  ...row,
  punches: Proposed.parse(JSON.parse(punches)),
  requestedAt: requestedAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
});

/** What people say their days should have been, and who decides about it. */
export class CorrectionsService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async list(actor: Actor, { limit, cursor, state, userId }: ListQuery): Promise<Page<Correction>> {
    const reach = reachSql(actor, 'attendance.read');
    const after = this.hub.cursors.decode('corrections', cursor);
    const where = [
      reach.sql,
      ...(state === undefined ? [] : ['state = :state']),
      ...(userId === undefined ? [] : ['user_id = :userId']),
      ...(after ? ['id < :after'] : []),
    ];
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM attendance_corrections WHERE org_id = :orgId AND ${where.join(' AND ')}
        ORDER BY id DESC LIMIT ${limit + 1}`,
      { ...reach.values, orgId: actor.orgId, state, userId, after: after?.[0] },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('corrections', [id]), toContract);
  }

  async request(actor: Actor, input: z.output<typeof NewCorrection>): Promise<Correction> {
    const { orgId, userId, homeBranchId } = actor;
    allow(actor, 'attendance.request-correction', { userId });
    this.mustBePast(input.punches);
    const day = input.dayId === undefined ? undefined : (await this.uses.days.find(orgId, input.dayId))?.day;
    // Whoever sees a day of somebody else still cannot ask for it.
    if (input.dayId !== undefined && day?.userId !== userId) throw new NotFound('This day');
    const branchId = day ? day.branchId : homeBranchId;
    const date = day?.workDate ?? input.date ?? '';
    if (date > (await this.uses.places.today(orgId, branchId)))
      throw new Invalid('VALIDATION_FAILED', 'Wrong: date.', {
        errors: [{ path: 'date', code: 'too_big', message: 'is yet to come' }],
      });
    return this.hub.transact(async (after) => {
      await this.uses.periods.mustBeOpen(orgId, { userId, branchId }, date);
      const id = ulid(this.hub.now().getTime());
      await this.hub.sequelize
        .query(
          `INSERT INTO attendance_corrections (org_id, id, user_id, branch_id, work_date, day_id, kind, punches, reason, state,
              pending_mark, requested_at) VALUES (?, ?, ?, ?, ?, ?, 'request', ?, ?, 'pending', 1, ?)`,
          {
            replacements: [
              orgId,
              id,
              userId,
              branchId,
              date,
              day?.id ?? null,
              JSON.stringify(input.punches),
              input.reason,
              this.hub.now(),
            ],
          },
        )
        .catch(
          onDuplicate(
            (cause) =>
              new Conflict('STATE_INVALID', 'A correction of this day waits already: take it back first.', { cause }),
          ),
        );
      const correction = await this.find(orgId, id);
      this.tell(after, orgId, 'correction.requested', correction);
      if (branchId !== null)
        after.publish(attendanceLive, 'attendance:correction-requested', { orgId, id: branchId }, toldOf(correction));
      return correction;
    });
  }

  /** The punches of a correction become the day’s: others are void, missing ones are made. */
  async approve(actor: Actor, id: string, note: string | undefined): Promise<Correction> {
    return this.decide(actor, id, 'approved', note, async (correction, after) => {
      const { orgId } = actor;
      const { userId, branchId, workDate } = correction;
      await this.uses.periods.mustBeOpen(orgId, { userId, branchId }, workDate);
      if (correction.kind === 'request') await this.replacePunches(actor, correction);
      await this.uses.computing.compute(orgId, [userId], workDate, workDate);
      await this.uses.dirty.mark(orgId, userId, workDate, after);
    });
  }

  reject(actor: Actor, id: string, note: string | undefined): Promise<Correction> {
    return this.decide(actor, id, 'rejected', note, async () => {});
  }

  async withdraw(actor: Actor, id: string): Promise<Correction> {
    return this.hub.transact(async (after) => {
      const before = await this.find(actor.orgId, id, true);
      allow(actor, 'attendance.request-correction', { userId: before.userId, what: 'This correction' });
      if (before.userId !== actor.userId || before.kind !== 'request') throw new NotFound('This correction');
      mustWait(before);
      return this.finish(actor, before, { state: 'withdrawn', note: null }, after);
    });
  }

  /** What came for locked days counts once they are open again. In the caller’s transaction. */
  async settleLate(actor: Actor, where: string, values: Record<string, unknown>, after: After): Promise<void> {
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM attendance_corrections WHERE org_id = :orgId AND kind = 'late-fact' AND state = 'pending' AND ${where} FOR UPDATE`,
      { ...values, orgId: actor.orgId },
    );
    for (const row of rows)
      await this.finish(actor, toContract(row), { state: 'approved', note: 'the period was opened again' }, after);
  }

  private async decide(
    actor: Actor,
    id: string,
    state: 'approved' | 'rejected',
    note: string | undefined,
    act: (correction: Correction, after: After) => Promise<void>,
  ): Promise<Correction> {
    return this.hub.transact(async (after) => {
      const before = await this.find(actor.orgId, id, true);
      const { userId, branchId } = before;
      allow(actor, 'attendance.decide-correction', { userId, branchId, what: 'This correction' });
      mustBeAnother(actor, userId);
      mustWait(before);
      await act(before, after);
      return this.finish(actor, before, { state, note: note ?? null }, after);
    });
  }

  private async finish(
    { orgId, userId }: Actor,
    before: Correction,
    { state, note }: { state: State; note: string | null },
    after: After,
  ): Promise<Correction> {
    await this.hub.sequelize.query(
      `UPDATE attendance_corrections SET state = ?, pending_mark = NULL, decided_by = ?, decided_at = ?, note = ?, version = version + 1
        WHERE org_id = ? AND id = ?`,
      { replacements: [state, userId, this.hub.now(), note, orgId, before.id] },
    );
    const correction = await this.find(orgId, before.id);
    this.tell(after, orgId, `correction.${state}`, correction, before);
    after.publish(attendanceLive, 'attendance:correction-decided', { orgId, id: before.userId }, toldOf(correction));
    return correction;
  }

  private async replacePunches({ orgId, userId: by }: Actor, correction: Correction): Promise<void> {
    const { userId, workDate, dayId, punches } = correction;
    const kept = dayId === null ? undefined : await this.uses.days.find(orgId, dayId);
    // Without a computed day, what was punched on that date is what is replaced.
    const standing = kept
      ? await this.uses.punches.byIds(orgId, kept.detail.punchIds)
      : await this.uses.punches.of(orgId, userId, workDate, workDate);
    const isSame = (a: { at: string; direction: string }, b: { at: string; direction: string }): boolean =>
      a.direction === b.direction && Date.parse(a.at) === Date.parse(b.at);
    const live = standing.filter(({ voidedAt }) => voidedAt === null);
    const gone = live.filter((punch) => !punches.some((wanted) => isSame(punch, wanted)));
    await this.uses.punches.void(
      orgId,
      gone.map(({ id }) => id),
      by,
    );
    const missing = punches.filter((wanted) => !live.some((punch) => isSame(punch, wanted)));
    const rows = await Promise.all(
      missing.map(({ at, direction }) => this.uses.making.manual(orgId, userId, { at: new Date(at), direction }, by)),
    );
    await this.uses.punches.add(orgId, rows);
  }

  private mustBePast(punches: readonly z.output<typeof ProposedPunch>[]): void {
    const latest = this.hub.now().getTime() + AHEAD_MS;
    const errors = punches.flatMap(({ at }, index) =>
      Date.parse(at) > latest ? [{ path: `punches.${index}.at`, code: 'too_big', message: 'is yet to come' }] : [],
    );
    if (errors.length > 0) throw new HubError('PUNCH_IN_FUTURE', 'Nobody can have punched yet.', { errors });
  }

  private async find(orgId: string, id: string, lock = false): Promise<Correction> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM attendance_corrections WHERE org_id = :orgId AND id = :id ${lock ? 'FOR UPDATE' : ''}`,
      { orgId, id },
    );
    return toContract(found(row, 'This correction'));
  }

  private tell(
    after: After,
    orgId: string,
    action: `correction.${string}`,
    correction: Correction,
    before?: Correction,
  ): void {
    const { id, branchId } = correction;
    after.record({
      action,
      orgId,
      entity: { type: 'correction', id },
      branchId,
      ...(before && { before }),
      after: correction,
    });
  }
}

const toldOf = ({ id, userId, workDate, state }: Correction) => ({ id, userId, workDate, state });

/** @throws HubError STATE_INVALID */
function mustWait({ state }: Correction): void {
  if (state !== 'pending') throw new HubError('STATE_INVALID', `It is ${state}.`);
}
