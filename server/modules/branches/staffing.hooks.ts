import type { User } from '@loro/contracts/people';
import { type After, type Hub, NotFound } from '../../platform';
import { type Invited, people } from '../people';
import { BranchModel } from './branch.model';
import type { MembersService } from './members.service';
import type { MembersStore } from './members.store';
import { isOn } from './staffing.policy';

const WHOLE = 100;
/** From so many on, people come by a file, and the branch is told once. */
const MANY = 10;

/** What happens to memberships when people come, change branches and leave; in the transaction of what happens. */
export class StaffingHooks {
  constructor(
    private readonly hub: Hub,
    private readonly store: MembersStore,
    private readonly members: MembersService,
    private readonly free: (orgId: string, userId: string, after: After) => Promise<void>,
  ) {}

  start(): void {
    this.hub.use(people).hook({
      onInviteAll: (invited, after) => this.invite(invited, after),
      onActivate: async (user, after) => {
        // Who comes back after his branch was closed belongs nowhere until somebody says where.
        if (await this.isOpen(user.orgId, user.homeBranchId)) await this.follow(user.orgId, user, after);
      },
      onChange: async ({ orgId, before, user }, after) => {
        if (before.homeBranchId === user.homeBranchId) return;
        await this.mustBeOpen(orgId, user.homeBranchId);
        await this.follow(orgId, user, after);
      },
      onLeave: async (user, after) => {
        // Who is only suspended comes back to where he was.
        if (user.status === 'deactivated') await this.leave(user.orgId, user.id, after);
      },
      onErase: (user, after) => this.leave(user.orgId, user.id, after),
      onExport: async ({ orgId, id }) => ({ branches: { memberships: await this.members.historyOf(orgId, id) } }),
      branchesByCode: (orgId, codes) => this.byCode(orgId, codes),
    });
  }

  /** Many who are new begin together; who was here before follows his home like anybody. */
  private async invite(invited: readonly Invited[], after: After): Promise<void> {
    const orgId = invited[0]?.user.orgId;
    if (orgId === undefined) return;
    const users = invited.map(({ user }) => user);
    for (const id of new Set(users.map(({ homeBranchId }) => homeBranchId))) await this.mustBeOpen(orgId, id);
    const known = users.length < MANY ? null : await this.store.known(orgId, users);
    const isNew = (user: User): boolean => known !== null && user.kind === 'person' && !known.has(user.id);
    for (const user of users) if (!isNew(user)) await this.follow(orgId, user, after);
    await this.store.beginAll(
      orgId,
      users.filter((user) => isNew(user)),
      after,
    );
  }

  private async isOpen(orgId: string, branchId: string | null): Promise<boolean> {
    if (branchId === null) return true;
    const row = await BranchModel.findOne({ where: { orgId, id: branchId }, attributes: ['status'] });
    return row !== null && row.status !== 'closed';
  }

  /** @throws NotFound for a closed branch: nobody comes to it any more */
  private async mustBeOpen(orgId: string, branchId: string | null): Promise<void> {
    if (!(await this.isOpen(orgId, branchId))) throw new NotFound('This branch, among those that work,');
  }

  /** The first branch of a person follows his home. */
  private async follow(orgId: string, user: User, after: After): Promise<void> {
    const { id: userId, homeBranchId: branchId, kind, status } = user;
    if (kind !== 'person' || status === 'deactivated') return;
    const rows = await this.store.of(orgId, userId);
    const primary = rows.find(({ isPrimary, state }) => isPrimary && state === 'current');
    if (primary?.branchId === branchId) return;
    const today =
      (branchId ?? primary?.branchId) ? await this.store.today(orgId, branchId ?? primary?.branchId ?? '') : '';
    if (primary) await this.store.end(primary, today, after);
    if (branchId === null) return;
    const same = rows.find((row) => row.branchId === branchId && isOn({ from: row.fromDate, to: row.toDate }, today));
    if (same && same !== primary) await this.store.end(same, today, after);
    // What was planned for later stays planned: until then.
    const next = rows.find(
      (row) => row.state === 'planned' && row.fromDate > today && (row.isPrimary || row.branchId === branchId),
    );
    await this.store.begin(
      {
        orgId,
        branchId,
        userId,
        role: same?.role ?? null,
        fteCenti: same?.fteCenti ?? primary?.fteCenti ?? WHOLE,
        isPrimary: true,
        from: today,
        to: next?.fromDate ?? null,
      },
      after,
    );
  }

  private async leave(orgId: string, userId: string, after: After): Promise<void> {
    for (const row of await this.store.of(orgId, userId))
      await this.store.end(row, await this.store.today(orgId, row.branchId), after);
    await this.free(orgId, userId, after);
  }

  private async byCode(orgId: string, codes: readonly string[]): Promise<Map<string, string>> {
    const rows = await BranchModel.findAll({ where: { orgId, code: [...codes] }, attributes: ['id', 'code'] });
    return new Map(rows.map(({ id, code }) => [code, id]));
  }
}
