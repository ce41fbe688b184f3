import { attendanceLive } from '@loro/contracts/attendance-live';
import type { NewRequest, OvertimeRequest, requestStates } from '@loro/contracts/attendance-overtime';
import type { z } from 'zod';
import { type Actor, type After, allow, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import type { DirtyStore } from './dirty.store';
import type { PeriodsStore } from './periods.store';
import { found, mustBeAnother, reachSql } from './reach';

type State = (typeof requestStates)[number];

interface Row extends Omit<OvertimeRequest, 'requestedAt'> {
  readonly requestedAt: Date;
}
interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: State | undefined;
  readonly userId?: string | undefined;
}

const SHOWN = `id, user_id AS userId, branch_id AS branchId, DATE_FORMAT(date, '%Y-%m-%d') AS date, minutes, reason, state,
  requested_at AS requestedAt, decided_by AS decidedBy, note, version`;
const toContract = ({ requestedAt, ...row }: Row): OvertimeRequest => ({
  ...row,
  requestedAt: requestedAt.toISOString(),
});

/** Overtime that is asked for before it is worked: so much of it needs no decision afterwards. */
export class OvertimeRequestsService {
  constructor(
    private readonly hub: Hub,
    private readonly periods: PeriodsStore,
    private readonly dirty: DirtyStore,
  ) {}

  async list(actor: Actor, { limit, cursor, state, userId }: ListQuery): Promise<Page<OvertimeRequest>> {
    const reach = reachSql(actor, 'overtime.read');
    const after = this.hub.cursors.decode('overtime-requests', cursor);
    const where = [
      reach.sql,
      ...(state === undefined ? [] : ['state = :state']),
      ...(userId === undefined ? [] : ['user_id = :userId']),
      ...(after ? ['id < :after'] : []),
    ];
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM overtime_requests WHERE org_id = :orgId AND ${where.join(' AND ')} ORDER BY id DESC LIMIT ${limit + 1}`,
      { ...reach.values, orgId: actor.orgId, state, userId, after: after?.[0] },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('overtime-requests', [id]), toContract);
  }

  async ask(actor: Actor, { date, minutes, reason }: z.output<typeof NewRequest>): Promise<OvertimeRequest> {
    const { orgId, userId, homeBranchId: branchId } = actor;
    allow(actor, 'overtime.request', { userId });
    return this.hub.transact(async (after) => {
      await this.periods.mustBeOpen(orgId, { userId, branchId }, date);
      const id = ulid(this.hub.now().getTime());
      await this.hub.sequelize.query(
        `INSERT INTO overtime_requests (org_id, id, user_id, branch_id, date, minutes, reason, state, requested_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?)`,
        { replacements: [orgId, id, userId, branchId, date, minutes, reason, this.hub.now()] },
      );
      const request = await this.find(orgId, id);
      this.tell(after, 'overtime-request.made', orgId, request);
      if (branchId !== null)
        after.publish(attendanceLive, 'overtime:claimed', { orgId, id: branchId }, toldOf(request));
      return request;
    });
  }

  async decide(
    actor: Actor,
    id: string,
    state: 'approved' | 'rejected',
    note: string | undefined,
  ): Promise<OvertimeRequest> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const before = await this.find(orgId, id, 'FOR UPDATE');
      const { userId, branchId, date } = before;
      allow(actor, 'overtime.decide', { userId, branchId, what: 'This request' });
      mustBeAnother(actor, userId);
      mustWait(before);
      await this.periods.mustBeOpen(orgId, { userId, branchId }, date);
      const request = await this.finish(actor, before, state, note ?? null, after);
      await this.dirty.mark(orgId, userId, date, after);
      after.publish(attendanceLive, 'overtime:decided', { orgId, id: userId }, toldOf(request));
      return request;
    });
  }

  async withdraw(actor: Actor, id: string): Promise<OvertimeRequest> {
    return this.hub.transact(async (after) => {
      const before = await this.find(actor.orgId, id, 'FOR UPDATE');
      allow(actor, 'overtime.request', { userId: before.userId, what: 'This request' });
      if (before.userId !== actor.userId) throw new NotFound('This request');
      mustWait(before);
      return this.finish(actor, before, 'withdrawn', null, after);
    });
  }

  private async finish(
    { orgId, userId }: Actor,
    before: OvertimeRequest,
    state: State,
    note: string | null,
    after: After,
  ): Promise<OvertimeRequest> {
    await this.hub.sequelize.query(
      'UPDATE overtime_requests SET state = ?, decided_by = ?, decided_at = ?, note = ?, version = version + 1 WHERE org_id = ? AND id = ?',
      { replacements: [state, userId, this.hub.now(), note, orgId, before.id] },
    );
    const request = await this.find(orgId, before.id);
    this.tell(after, `overtime-request.${state}`, orgId, request, before);
    return request;
  }

  private async find(orgId: string, id: string, lock = ''): Promise<OvertimeRequest> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM overtime_requests WHERE org_id = :orgId AND id = :id ${lock}`,
      { orgId, id },
    );
    return toContract(found(row, 'This request'));
  }

  private tell(
    after: After,
    action: `overtime-request.${string}`,
    orgId: string,
    request: OvertimeRequest,
    before?: OvertimeRequest,
  ): void {
    const { id, branchId } = request;
    after.record({
      action,
      orgId,
      entity: { type: 'overtime-request', id },
      branchId,
      ...(before && { before }),
      after: request,
    });
  }
}

const toldOf = ({ id, userId, date, state }: OvertimeRequest) => ({ id, userId, workDate: date, state });

/** @throws HubError STATE_INVALID */
function mustWait({ state }: OvertimeRequest): void {
  if (state !== 'pending') throw new HubError('STATE_INVALID', `It is ${state}.`);
}
