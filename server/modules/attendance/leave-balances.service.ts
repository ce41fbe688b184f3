import type { NewAdjustment, Adjusted } from '@loro/contracts/leave-balances';
import type { LeaveBalance, LeaveEntry, LeaveLot } from '@loro/contracts/leave-values';
import type { z } from 'zod';
import { type Actor, allow, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import type { LeaveAccountsStore } from './leave-accounts.store';
import { BalancesReader, type Pair } from './leave-balances.reader';
import { consume } from './leave-lots.policy';
import { type LeavePeopleStore, reachable } from './leave-people.store';
import { insufficient } from './leave-requests.service';
import type { LeaveTypesService } from './leave-types.service';

interface Filter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly typeId?: string | undefined;
  readonly asOf?: string | undefined;
}

/** What people have, what it is made of, and giving and taking by hand. */
export class LeaveBalancesService {
  readonly reader: BalancesReader;

  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly accounts: LeaveAccountsStore;
      readonly people: LeavePeopleStore;
      readonly types: LeaveTypesService;
    },
  ) {
    this.reader = new BalancesReader(hub, by.people);
  }

  async list(actor: Actor, filter: Filter): Promise<Page<LeaveBalance>> {
    const userId = filter.userId ?? (filter.branchId === undefined ? actor.userId : undefined);
    const pairs = await this.pairs(actor, { ...filter, userId });
    const shown = await this.reader.of(actor.orgId, pairs.slice(0, filter.limit), filter.asOf);
    const last = pairs[filter.limit - 1];
    return {
      items: shown,
      nextCursor:
        pairs.length > filter.limit && last
          ? this.hub.cursors.encode('leave-balances', [last.userId, last.typeCode])
          : null,
    };
  }

  /** Pairs of person and type that somebody may see, in order; one more than the limit. */
  async pairs(
    actor: Actor,
    filter: Omit<Filter, 'asOf'>,
    permission: 'leave.read' | 'leave.report' = 'leave.read',
  ): Promise<Pair[]> {
    const { orgId } = actor;
    const reach = reachable(actor, permission, { u: 'p.user_id', b: 'p.home_branch_id' });
    const after = this.hub.cursors.decode('leave-balances', filter.cursor) ?? ['', ''];
    if (filter.userId !== undefined) await this.by.people.find(orgId, filter.userId);
    return this.hub.select<Pair>(
      `SELECT p.user_id AS userId, t.id AS typeId, t.code AS typeCode FROM leave_people p
         JOIN leave_types t ON t.org_id = p.org_id AND t.needs_balance
       WHERE p.org_id = :orgId AND ${reach.sql}
         AND (p.status IN ('active', 'suspended', 'invited') OR p.user_id = :userId)
         AND (t.is_active OR EXISTS (SELECT 1 FROM leave_accounts a WHERE a.org_id = p.org_id AND a.user_id = p.user_id AND a.type_id = t.id))
         ${filter.userId === undefined ? '' : 'AND p.user_id = :userId'}
         ${filter.branchId === undefined ? '' : 'AND p.home_branch_id = :branchId'}
         ${filter.typeId === undefined ? '' : 'AND t.id = :typeId'}
         AND (p.user_id > :user OR (p.user_id = :user AND t.code > :code))
       ORDER BY p.user_id, t.code LIMIT ${filter.limit + 1}`,
      { ...filter, ...reach.values, orgId, userId: filter.userId ?? '', user: after[0], code: after[1] },
    );
  }

  async lots(
    actor: Actor,
    filter: Omit<Filter, 'asOf' | 'branchId'>,
  ): Promise<Page<LeaveLot & { userId: string; typeId: string }>> {
    const reach = reachable(actor, 'leave.read', { u: 'l.user_id', b: 'p.home_branch_id' });
    const after = this.hub.cursors.decode('leave-lots', filter.cursor) ?? ['', '', ''];
    const rows = await this.hub.select<LeaveLot & { userId: string; typeId: string; last: string }>(
      `SELECT l.id, l.user_id AS userId, l.type_id AS typeId, l.kind, l.milli_days AS milliDays, l.remaining, l.reserved,
         DATE_FORMAT(l.valid_from, '%Y-%m-%d') AS validFrom, DATE_FORMAT(l.expires_on, '%Y-%m-%d') AS expiresOn,
         COALESCE(DATE_FORMAT(l.expires_on, '%Y-%m-%d'), '9999-12-31') AS last
       FROM leave_lots l JOIN leave_people p ON p.org_id = l.org_id AND p.user_id = l.user_id
       WHERE l.org_id = :orgId AND ${reach.sql} AND l.user_id = :userId ${filter.typeId === undefined ? '' : 'AND l.type_id = :typeId'}
         AND (COALESCE(DATE_FORMAT(l.expires_on, '%Y-%m-%d'), '9999-12-31'), DATE_FORMAT(l.valid_from, '%Y-%m-%d'), l.id) > (:last, :from, :id)
       ORDER BY last, l.valid_from, l.id LIMIT ${filter.limit + 1}`,
      {
        ...filter,
        ...reach.values,
        orgId: actor.orgId,
        userId: filter.userId ?? actor.userId,
        last: after[0],
        from: after[1],
        id: after[2],
      },
    );
    return pageOf(
      rows,
      filter.limit,
      ({ last, validFrom, id }) => this.hub.cursors.encode('leave-lots', [last, validFrom, id]),
      (row) => lotOf(row),
    );
  }

  async ledger(
    actor: Actor,
    filter: Omit<Filter, 'asOf' | 'branchId'> & { requestId?: string | undefined; reason?: string | undefined },
  ): Promise<Page<LeaveEntry>> {
    const reach = reachable(actor, 'leave.read', { u: 'e.user_id', b: 'p.home_branch_id' });
    const before = this.hub.cursors.decode('leave-ledger', filter.cursor)?.[0];
    const rows = await this.hub.select<Omit<LeaveEntry, 'at'> & { at: Date }>(
      `SELECT e.id, e.user_id AS userId, e.type_id AS typeId, e.lot_id AS lotId, l.kind AS lotKind, e.delta, e.reason,
         e.request_id AS requestId, DATE_FORMAT(e.leave_date, '%Y-%m-%d') AS leaveDate, DATE_FORMAT(e.on_date, '%Y-%m-%d') AS \`on\`,
         e.actor_id AS actorId, e.note, e.at
       FROM leave_entries e JOIN leave_lots l ON l.org_id = e.org_id AND l.id = e.lot_id
         JOIN leave_people p ON p.org_id = e.org_id AND p.user_id = e.user_id
       WHERE e.org_id = :orgId AND ${reach.sql} AND e.user_id = :userId
         ${filter.typeId === undefined ? '' : 'AND e.type_id = :typeId'}
         ${filter.requestId === undefined ? '' : 'AND e.request_id = :requestId'}
         ${filter.reason === undefined ? '' : 'AND e.reason = :reason'}
         ${before === undefined ? '' : 'AND e.id < :before'}
       ORDER BY e.id DESC LIMIT ${filter.limit + 1}`,
      { ...filter, ...reach.values, orgId: actor.orgId, userId: filter.userId ?? actor.userId, before },
    );
    return pageOf(
      rows,
      filter.limit,
      ({ id }) => this.hub.cursors.encode('leave-ledger', [id]),
      (row) => ({ ...row, at: row.at.toISOString() }),
    );
  }

  /** @throws HubError LEAVE_INSUFFICIENT for more than there is to take */
  async adjust(actor: Actor, input: z.output<typeof NewAdjustment>): Promise<z.output<typeof Adjusted>> {
    const { orgId, userId: actorId } = actor;
    const person = await this.by.people.find(orgId, input.userId);
    allow(actor, 'leave.adjust', { userId: person.userId, branchId: person.branchId, what: 'This person' });
    const type = await this.by.types.byId(orgId, input.typeId);
    if (!type.needsBalance) throw new NotFound('A balance of this type');
    const { userId, typeId, milliDays, reason: note } = input;
    const account = { orgId, userId, typeId };
    const today = this.by.people.today(person);
    const id = ulid(this.hub.now().getTime());
    await this.hub.transact(async (after) => {
      await this.by.accounts.lock(account);
      if (milliDays > 0) await this.give(account, id, input, { actorId, today });
      else {
        const { takes, missing } = consume(await this.by.accounts.lots(account), [
          { date: today, milliDays: -milliDays },
        ]);
        if (missing > 0) throw insufficient(-milliDays, missing);
        const reason = input.kind === 'encash' ? 'encash' : 'adjust';
        await this.by.accounts.enter(
          account,
          takes.map((take) => ({ lotId: take.lotId ?? '', delta: -take.milliDays, reason, on: today, actorId, note })),
        );
      }
      after.record({
        action: 'leave.adjusted',
        entity: { type: 'user', id: userId },
        branchId: person.branchId,
        data: { adjustmentId: id, typeId, milliDays, kind: input.kind, reason: note },
        personal: ['reason'],
      });
    });
    const [balance] = await this.reader.of(orgId, [{ userId, typeId, typeCode: type.code }]);
    if (!balance) throw new NotFound('This person');
    return { id, userId, typeId, milliDays, balance };
  }

  private async give(
    account: { orgId: string; userId: string; typeId: string },
    id: string,
    input: z.output<typeof NewAdjustment>,
    { actorId, today }: { actorId: string; today: string },
  ): Promise<void> {
    const validFrom = input.validFrom ?? today;
    if (input.expiresOn !== null && input.expiresOn < validFrom)
      throw new HubError('VALIDATION_FAILED', 'Wrong: expiresOn.', {
        errors: [{ path: 'expiresOn', code: 'custom', message: 'is before it counts' }],
      });
    await this.by.accounts.add(
      account,
      {
        kind: input.kind === 'grant' ? 'grant' : 'adjustment',
        milliDays: input.milliDays,
        validFrom,
        expiresOn: input.expiresOn,
        sourceKey: `adjust:${id}`,
      },
      { reason: input.kind === 'grant' ? 'accrue' : 'adjust', on: validFrom, actorId, note: input.reason },
    );
  }
}

const lotOf = (row: LeaveLot & { userId: string; typeId: string }): LeaveLot & { userId: string; typeId: string } => ({
  id: row.id,
  userId: row.userId,
  typeId: row.typeId,
  kind: row.kind,
  milliDays: row.milliDays,
  remaining: row.remaining,
  reserved: row.reserved,
  validFrom: row.validFrom,
  expiresOn: row.expiresOn,
});
