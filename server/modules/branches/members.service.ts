import type { Member, Membership, NewMembership, Transfer } from '@loro/contracts/branches-members';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import { type Actor, type After, allow, Conflict, dateIn, type Hub, NotFound, type Page, pageOf } from '../../platform';
import { people } from '../people';
import type { BranchModel } from './branch.model';
import type { BranchesStore } from './branches.store';
import { MembershipModel } from './membership.model';
import type { MembersStore } from './members.store';
import { isOn, overlaps, stateOn } from './staffing.policy';
import { mustBeOpen } from './tree.service';

const LAST_ZONE = 'Pacific/Kiritimati';
const AT_ONCE = 500;

interface MembersQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly on?: string | undefined;
  readonly history: boolean;
}

/** Who belongs to which branch, from when to when. */
export class MembersService {
  constructor(
    private readonly hub: Hub,
    private readonly branches: BranchesStore,
    private readonly store: MembersStore,
  ) {}

  async list(actor: Actor, branchId: string, query: MembersQuery): Promise<Page<z.output<typeof Member>>> {
    allow(actor, 'branches.read', { branchId, what: 'This branch' });
    const { orgId } = actor;
    const { limit, cursor, history } = query;
    const on = query.on ?? (await this.store.today(orgId, branchId));
    const after = this.hub.cursors.decode('branch-members', cursor);
    const that: WhereOptions[] = history
      ? []
      : [{ fromDate: { [Op.lte]: on } }, { [Op.or]: [{ toDate: null }, { toDate: { [Op.gt]: on } }] }];
    if (after)
      that.push({
        [Op.or]: [{ fromDate: { [Op.gt]: after[0] } }, { fromDate: after[0], id: { [Op.gt]: after[1] } }],
      });
    const rows = await MembershipModel.findAll({
      where: { orgId, branchId, [Op.and]: that },
      order: ['fromDate', 'id'],
      limit: limit + 1,
    });
    const names = await this.hub.use(people).namesOf(
      orgId,
      rows.map(({ userId }) => userId),
    );
    return pageOf(
      rows,
      limit,
      ({ fromDate, id }) => this.hub.cursors.encode('branch-members', [fromDate, id]),
      (row) => ({ ...row.toContract(), name: names.get(row.userId) ?? '' }),
    );
  }

  async add(actor: Actor, branchId: string, input: z.output<typeof NewMembership>): Promise<Membership> {
    allow(actor, 'branches.staff', { branchId, what: 'This branch' });
    const { orgId } = actor;
    const { userId, fte, from, to, role, isPrimary } = input;
    return this.hub.transact(async (after) => {
      mustBeOpen(await this.branches.lock(orgId, branchId));
      await this.store.lockPerson(orgId, userId);
      const user = await this.hub.use(people).byId(orgId, userId);
      if (user.kind !== 'person') throw new NotFound('This person');
      if (user.status === 'deactivated') throw new Conflict('USER_NOT_WORKING', `${user.name} was deactivated.`);
      const first = from ?? (await this.store.today(orgId, branchId));
      const row = await this.store.begin(
        { orgId, branchId, userId, role, isPrimary, fteCenti: Math.round(fte * 100), from: first, to },
        after,
      );
      await this.store.settleHome(orgId, userId, after);
      return row.toContract();
    });
  }

  async end(actor: Actor, branchId: string, membershipId: string, on: string | undefined): Promise<void> {
    allow(actor, 'branches.staff', { branchId, what: 'This branch' });
    await this.hub.transact(async (after) => {
      const row = await this.lock(actor.orgId, branchId, membershipId);
      const last = on ?? (await this.store.today(actor.orgId, branchId));
      mustReach(row, last);
      await this.store.end(row, last, after);
      await this.store.settleHome(actor.orgId, row.userId, after);
    });
  }

  async transfer(
    actor: Actor,
    branchId: string,
    membershipId: string,
    { toBranchId, on, fte }: z.output<typeof Transfer>,
  ): Promise<Membership> {
    allow(actor, 'branches.staff', { branchId, what: 'This branch' });
    allow(actor, 'branches.staff', { branchId: toBranchId, what: 'The new branch' });
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      mustBeOpen(await this.branches.lock(orgId, toBranchId));
      const row = await this.lock(orgId, branchId, membershipId);
      const date = on ?? (await this.store.today(orgId, toBranchId));
      const first = date > row.fromDate ? date : row.fromDate;
      const next = { ...beginningOf(row), branchId: toBranchId, from: first };
      mustReach(row, first);
      await this.store.end(row, first, after);
      const begun = await this.store.begin(
        fte === undefined ? next : { ...next, fteCenti: Math.round(fte * 100) },
        after,
      );
      await this.store.settleHome(orgId, row.userId, after);
      return begun.toContract();
    });
  }

  /** Everybody of a branch that closes belongs to another from today; who belonged to both belongs to it once. */
  async reassign(from: BranchModel, heir: BranchModel, after: After): Promise<void> {
    const { orgId } = from;
    const today = await this.store.today(orgId, heir.id);
    for (const { id, userId } of await this.store.at(orgId, from.id)) {
      await this.store.lockPerson(orgId, userId);
      const row = await this.lock(orgId, from.id, id);
      const first = today > row.fromDate ? today : row.fromDate;
      const next = { ...beginningOf(row), branchId: heir.id, from: first };
      await this.store.end(row, first, after);
      const same = (await this.store.of(orgId, userId)).filter(
        (one) => one.branchId === heir.id && overlaps(next, { from: one.fromDate, to: one.toDate }),
      );
      if (row.isPrimary) for (const one of same) await this.store.end(one, first, after);
      if (row.isPrimary || same.length === 0) await this.store.begin(next, after);
      await this.store.settleHome(orgId, userId, after);
    }
  }

  /** How many belong to a branch or will. */
  async countAt(orgId: string, branchId: string): Promise<number> {
    const today = await this.store.today(orgId, branchId);
    const rows = await this.store.at(orgId, branchId);
    return rows.filter(({ fromDate, toDate }) => stateOn({ from: fromDate, to: toDate }, today) !== 'over').length;
  }

  /** Where somebody belongs today, his first branch first. */
  async placesOf(orgId: string, userId: string): Promise<string[]> {
    const rows = await MembershipModel.findAll({
      where: { orgId, userId, state: 'current' },
      order: ['fromDate', 'id'],
    });
    return rows.toSorted((a, b) => Number(b.isPrimary) - Number(a.isPrimary)).map(({ branchId }) => branchId);
  }

  /** Everything that somebody ever belonged to. */
  async historyOf(orgId: string, userId: string): Promise<Membership[]> {
    const rows = await MembershipModel.findAll({ where: { orgId, userId }, order: ['fromDate', 'id'] });
    return rows.map((row) => row.toContract());
  }

  /** Lets begin and end what has come due in the local time of its branch. */
  async settleDue(): Promise<void> {
    const latest = dateIn(this.hub.now(), LAST_ZONE);
    for (let seen = ''; ;) {
      const rows = await MembershipModel.findAll({
        where: {
          id: { [Op.gt]: seen },
          [Op.or]: [
            { state: 'planned', fromDate: { [Op.lte]: latest } },
            { state: ['planned', 'current'], toDate: { [Op.lte]: latest } },
          ],
        },
        order: ['id'],
        limit: AT_ONCE,
      });
      for (const { orgId, userId, id } of rows) await this.settle(orgId, userId, id);
      const last = rows.at(-1);
      if (!last || rows.length < AT_ONCE) return;
      seen = last.id;
    }
  }

  private async settle(orgId: string, userId: string, id: string): Promise<void> {
    await this.hub.transact(async (after) => {
      await this.store.lockPerson(orgId, userId);
      const row = await MembershipModel.findOne({ where: { orgId, id }, lock: true });
      if (!row) return;
      const today = await this.store.today(orgId, row.branchId);
      const state = stateOn({ from: row.fromDate, to: row.toDate }, today);
      if (state === row.state) return;
      const before = row.toContract();
      await row.update({ state });
      await this.store.settleHome(orgId, userId, after);
      this.store.tell(state === 'over' ? 'membership.ended' : 'membership.began', row, after, before);
    });
  }

  /** The person is locked first, then what is his. @throws NotFound */
  private async lock(orgId: string, branchId: string, id: string): Promise<MembershipModel> {
    const found = await MembershipModel.findOne({ where: { orgId, branchId, id }, attributes: ['userId'] });
    if (!found) throw new NotFound('This membership');
    await this.store.lockPerson(orgId, found.userId);
    const row = await MembershipModel.findOne({ where: { orgId, branchId, id }, lock: true });
    if (!row) throw new NotFound('This membership');
    return row;
  }
}

const beginningOf = ({ orgId, branchId, userId, role, fteCenti, isPrimary, fromDate, toDate }: MembershipModel) => ({
  orgId,
  branchId,
  userId,
  role,
  fteCenti,
  isPrimary,
  from: fromDate,
  to: toDate,
});

/** @throws Conflict MEMBERSHIP_OVER for what has ended by a date */
function mustReach({ fromDate, toDate }: MembershipModel, date: string): void {
  const begins = date > fromDate ? date : fromDate;
  if (toDate !== null && !isOn({ from: fromDate, to: toDate }, begins))
    throw new Conflict('MEMBERSHIP_OVER', `It ended on ${toDate}.`);
}
