import type { Membership } from '@loro/contracts/branches-members';
import { branchesLive } from '@loro/contracts/branches-live';
import { type After, Conflict, type Hub, onDuplicate, ulid } from '../../platform';
import { people } from '../people';
import { MembershipModel, marks } from './membership.model';
import { overlaps, stateOn } from './staffing.policy';
import type { ZonesService } from './zones.service';

export interface Beginning {
  readonly orgId: string;
  readonly branchId: string;
  readonly userId: string;
  readonly role: string | null;
  readonly fteCenti: number;
  readonly isPrimary: boolean;
  readonly from: string;
  readonly to: string | null;
}

type Action = 'membership.began' | 'membership.ended';

/**
 * Memberships as they are written, one person at a time: whoever changes somebody's takes the person's row first, so
 * that of two who give him a first branch at once the second sees the first.
 */
export class MembersStore {
  constructor(
    private readonly hub: Hub,
    private readonly zones: ZonesService,
  ) {}

  async today(orgId: string, branchId: string): Promise<string> {
    return (await this.zones.calendarOf(orgId, branchId)).dateOf(this.hub.now());
  }

  async lockPerson(orgId: string, userId: string): Promise<void> {
    await this.hub.select('SELECT id FROM users WHERE org_id = :orgId AND id = :userId FOR UPDATE', { orgId, userId });
  }

  /** Everything that counts or will; the person is locked. */
  of(orgId: string, userId: string): Promise<MembershipModel[]> {
    return MembershipModel.findAll({
      where: { orgId, userId, state: ['planned', 'current'] },
      order: ['fromDate', 'id'],
      lock: true,
    });
  }

  /** Those of a branch that count or will; a locking read. */
  at(orgId: string, branchId: string): Promise<MembershipModel[]> {
    return MembershipModel.findAll({
      where: { orgId, branchId, state: ['planned', 'current'] },
      order: ['userId', 'id'],
      lock: true,
    });
  }

  /** @throws Conflict PRIMARY_EXISTS, MEMBERSHIP_OVERLAP */
  async begin(beginning: Beginning, after: After): Promise<MembershipModel> {
    const { orgId, branchId, userId, from: fromDate, to: toDate, isPrimary } = beginning;
    // Those that are over may reach into a time that is given backwards.
    const others = await MembershipModel.findAll({ where: { orgId, userId }, lock: true });
    for (const other of others) {
      if (!overlaps(beginning, { from: other.fromDate, to: other.toDate })) continue;
      if (other.branchId === branchId)
        throw new Conflict('MEMBERSHIP_OVERLAP', `They belong to this branch from ${other.fromDate} on already.`);
      if (other.isPrimary && isPrimary)
        throw new Conflict('PRIMARY_EXISTS', `From ${other.fromDate} on another branch is their first.`);
    }
    const { role, fteCenti } = beginning;
    const row = await MembershipModel.create({
      orgId,
      branchId,
      userId,
      role,
      fteCenti,
      isPrimary,
      fromDate,
      toDate,
      id: ulid(),
      state: stateOn(beginning, await this.today(orgId, branchId)),
      ...marks({ toDate, isPrimary }),
    }).catch(onDuplicate((cause) => new Conflict('MEMBERSHIP_OVERLAP', 'Somebody did the same meanwhile.', { cause })));
    this.tell('membership.began', row, after);
    return row;
  }

  /** Whoever of these ever belonged to a branch. */
  async known(orgId: string, users: readonly { readonly id: string }[]): Promise<Set<string>> {
    const userId = users.map(({ id }) => id);
    const rows = await MembershipModel.findAll({ where: { orgId, userId }, attributes: ['userId'], lock: true });
    return new Set(rows.map((row) => row.userId));
  }

  /** People who belong nowhere yet begin whole at their homes. The room that brought them tells of them. */
  async beginAll(
    orgId: string,
    users: readonly { readonly id: string; readonly homeBranchId: string | null }[],
    after: After,
  ): Promise<void> {
    const branchIds = new Set(users.flatMap(({ homeBranchId }) => homeBranchId ?? []));
    for (const branchId of branchIds) {
      const own = users.filter(({ homeBranchId }) => homeBranchId === branchId);
      const fromDate = await this.today(orgId, branchId);
      await MembershipModel.bulkCreate(
        own.map(({ id: userId }) => ({
          orgId,
          branchId,
          userId,
          role: null,
          fteCenti: 100,
          isPrimary: true,
          fromDate,
          toDate: null,
          id: ulid(),
          state: 'current',
          ...marks({ toDate: null, isPrimary: true }),
        })),
      );
      const data = { count: own.length, from: fromDate };
      after.record({ action: 'memberships.began', orgId, entity: { type: 'branch', id: branchId }, branchId, data });
    }
  }

  /** Ends it on a date, at the earliest on that of its beginning. */
  async end(row: MembershipModel, on: string, after: After): Promise<MembershipModel> {
    const before = row.toContract();
    const toDate = on > row.fromDate ? on : row.fromDate;
    const state = stateOn({ from: row.fromDate, to: toDate }, await this.today(row.orgId, row.branchId));
    await row.update({ toDate, state, ...marks({ toDate, isPrimary: row.isPrimary }) });
    this.tell('membership.ended', row, after, before);
    return row;
  }

  /** The home of a person is the branch that is his first today. */
  async settleHome(orgId: string, userId: string, after: After): Promise<void> {
    const rows = await this.of(orgId, userId);
    const first = rows.find(({ isPrimary, state }) => isPrimary && state === 'current');
    const { homeBranchId, kind } = await this.hub.use(people).byId(orgId, userId);
    const home = first?.branchId ?? (await this.homeWithout(orgId, userId, homeBranchId));
    if (kind === 'person' && homeBranchId !== home) await this.hub.use(people).rehome(orgId, userId, home, after);
    await this.hub.changes.record({ orgId, userId, sessionId: null });
  }

  /** A home that no membership ever stood for stays. */
  private async homeWithout(orgId: string, userId: string, branchId: string | null): Promise<string | null> {
    if (branchId === null) return null;
    const wasFirst = await MembershipModel.count({ where: { orgId, userId, branchId, isPrimary: true } });
    return wasFirst > 0 ? null : branchId;
  }

  tell(action: Action, row: MembershipModel, after: After, before?: Membership): void {
    const { orgId, branchId, userId } = row;
    const membership = row.toContract();
    after.publish(branchesLive, 'branch:member-changed', { orgId, id: branchId }, membership);
    after.publish(branchesLive, 'membership:changed', { orgId, id: userId }, membership);
    after.record({
      action,
      orgId,
      entity: { type: 'membership', id: row.id },
      branchId,
      ...(before && { before }),
      after: membership,
    });
  }
}
