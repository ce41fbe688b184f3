import type { CalendarLeave, LeaveRequest, LeaveRequestInFull, LeaveWarning } from '@loro/contracts/leave-values';
import { type Actor, type Hub, NotFound, type Page, pageOf } from '../../platform';
import type { LeaveCoverService } from './leave-cover.service';
import { type LeavePeopleStore, reachable, reachesPerson } from './leave-people.store';
import { LeaveRequestModel } from './leave-request.model';
import type { LeaveRequestsStore } from './leave-requests.store';

interface Filter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly typeId?: string | undefined;
  readonly state?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Seeing leave: requests, and who is away. */
export class LeaveViewsService {
  constructor(
    private readonly hub: Hub,
    private readonly store: LeaveRequestsStore,
    private readonly people: LeavePeopleStore,
    private readonly cover: LeaveCoverService,
  ) {}

  async get(actor: Actor, id: string): Promise<LeaveRequestInFull> {
    return this.inFull(await this.readable(actor, id));
  }

  async list(actor: Actor, filter: Filter): Promise<Page<LeaveRequest>> {
    const { orgId } = actor;
    const reach = reachable(actor, 'leave.read', { u: 'user_id', b: 'branch_id' });
    const before = this.hub.cursors.decode('leave-requests', filter.cursor)?.[0];
    const ids = await this.hub.select<{ id: string }>(
      `SELECT id FROM leave_requests WHERE org_id = :orgId AND (${reach.sql} OR approvers LIKE :asked)
         AND (state <> 'draft' OR requested_by = :me)
         ${filter.userId === undefined ? '' : 'AND user_id = :userId'} ${filter.branchId === undefined ? '' : 'AND branch_id = :branchId'}
         ${filter.typeId === undefined ? '' : 'AND type_id = :typeId'} ${filter.state === undefined ? '' : 'AND state = :state'}
         ${filter.from === undefined ? '' : 'AND to_date >= :from'} ${filter.to === undefined ? '' : 'AND from_date <= :to'}
         ${before === undefined ? '' : 'AND id < :before'}
       ORDER BY id DESC LIMIT ${filter.limit + 1}`,
      { ...filter, ...reach.values, orgId, me: actor.userId, asked: `%"userId":"${actor.userId}"%`, before },
    );
    const rows = await LeaveRequestModel.findAll({
      where: { orgId, id: ids.map(({ id }) => id) },
      order: [['id', 'DESC']],
    });
    const shown = await this.store.present(rows);
    return pageOf(
      shown,
      filter.limit,
      ({ id }) => this.hub.cursors.encode('leave-requests', [id]),
      (request) => request,
    );
  }

  async calendar(actor: Actor, filter: Filter & { from: string; to: string }): Promise<Page<CalendarLeave>> {
    const reach = reachable(actor, 'leave.read', { u: 'd.user_id', b: 'p.home_branch_id' });
    const [date = '', requestId = ''] = this.hub.cursors.decode('leave-calendar', filter.cursor) ?? [];
    const rows = await this.hub.select<CalendarLeave>(
      `SELECT d.request_id AS requestId, d.user_id AS userId, p.name AS userName, p.home_branch_id AS branchId,
         DATE_FORMAT(d.date, '%Y-%m-%d') AS date, d.milli_days AS milliDays, d.half, r.state, t.code AS typeCode
       FROM leave_days d JOIN leave_requests r ON r.org_id = d.org_id AND r.id = d.request_id
         JOIN leave_types t ON t.org_id = r.org_id AND t.id = r.type_id
         JOIN leave_people p ON p.org_id = d.org_id AND p.user_id = d.user_id
       WHERE d.org_id = :orgId AND d.date BETWEEN :from AND :to AND d.released_at IS NULL AND d.milli_days > 0
         AND r.state IN ('pending', 'approved', 'taken', 'shortened') AND ${reach.sql}
         ${filter.userId === undefined ? '' : 'AND d.user_id = :userId'}
         ${filter.branchId === undefined ? '' : 'AND p.home_branch_id = :branchId'}
         AND (d.date > :date OR (d.date = :date AND d.request_id > :requestId))
       ORDER BY d.date, d.request_id LIMIT ${filter.limit + 1}`,
      { ...filter, ...reach.values, orgId: actor.orgId, date: date === '' ? '1000-01-01' : date, requestId },
    );
    return pageOf(
      rows,
      filter.limit,
      (row) => this.hub.cursors.encode('leave-calendar', [row.date, row.requestId]),
      (row) => row,
    );
  }

  /** A request whole, with what is to be looked at before it is decided. */
  async inFull(row: LeaveRequestModel): Promise<LeaveRequestInFull> {
    const { orgId, id, state } = row;
    const [request] = await this.store.present([row]);
    if (!request) throw new NotFound('This request');
    const days = await this.store.days(orgId, id);
    const isOpen = state === 'draft' || state === 'pending';
    return { ...request, days, warnings: isOpen ? await this.warnings(row, days) : [] };
  }

  async warnings(
    { orgId, userId }: LeaveRequestModel,
    days: readonly { date: string; milliDays: number }[],
  ): Promise<LeaveWarning[]> {
    const dates = days.filter(({ milliDays }) => milliDays > 0).map(({ date }) => date);
    const { short } = await this.cover.of(orgId, await this.people.find(orgId, userId), dates);
    return short.length === 0
      ? []
      : [{ code: 'COVER_TOO_LOW', message: 'Fewer people would be there than the branch needs.', dates: short }];
  }

  private async readable(actor: Actor, id: string): Promise<LeaveRequestModel> {
    const row = await this.store.find(actor.orgId, id);
    const { userId, branchId, requestedBy, state } = row;
    if (state === 'draft' && userId !== actor.userId && requestedBy !== actor.userId)
      throw new NotFound('This request');
    const isAsked = row.chain.some((approver) => approver.userId === actor.userId);
    if (!isAsked && !reachesPerson(actor, 'leave.read', { userId, branchId })) throw new NotFound('This request');
    return row;
  }
}
