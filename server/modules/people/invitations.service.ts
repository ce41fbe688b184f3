import type { User } from '@loro/contracts/people';
import type { Invitation } from '@loro/contracts/people-users';
import type { CreationAttributes } from 'sequelize';
import type { z } from 'zod';
import { type Actor, type After, allow, Conflict, type Hub, TooMany, ulid } from '../../platform';
import type { HookBook, Invited, Member } from './hooks';
import type { ManagersService } from './managers.service';
import { canStep, canUndo } from './standing.policy';
import { noteUser, tellBranches } from './telling';
import type { UserModel } from './user.model';
import type { UsersStore } from './users.store';

const RESEND_AFTER_MS = 60_000;

interface Uses {
  readonly users: UsersStore;
  readonly hooks: HookBook;
  readonly managers: ManagersService;
}

/** Bringing people in. */
export class InvitationsService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async invite(actor: Actor, input: z.output<typeof Invitation>): Promise<User> {
    allow(actor, 'people.write', { branchId: input.branchId, what: 'This branch' });
    mustNotMakeOwner(input.roles);
    const { orgId } = actor;
    const { users, managers } = this.uses;
    const { roles, branchId, email, managerId, ...fields } = input;
    return this.hub.transact(async (after) => {
      await users.mustHaveBranch(orgId, branchId);
      if (managerId !== null) await users.lockOrganisation(orgId, 'update');
      const above = managerId === null ? [] : await managers.place(orgId, null, managerId);
      const now = this.hub.now();
      const user = await this.create(after, {
        ...fields,
        orgId,
        id: ulid(now.getTime()),
        email: normalAddress(email),
        status: 'invited',
        managerId,
        homeBranchId: branchId,
        createdAt: now,
        invitedAt: now,
        version: 1,
      });
      await this.uses.hooks.invite([{ user: { ...user, orgId }, roles, branchId, invitedBy: actor.userId }], after);
      await users.rightsChanged(orgId, above);
      tellBranches(after, 'user:invited', { orgId, user });
      noteUser(after, 'user.invited', { orgId, user, data: { roles: roles.join(' ') } });
      return user;
    });
  }

  /**
   * Somebody whose deactivation cannot be taken back any more does not keep an address from who comes after, most often
   * himself. It is looked for only when it is in the way: asking for what is not there would lock out other inviters.
   */
  private async create(after: After, fields: CreationAttributes<UserModel>): Promise<User> {
    const { users } = this.uses;
    try {
      return await users.create(fields);
    } catch (error) {
      const left = error instanceof Conflict ? await users.lockByAddress(fields.orgId, fields.email) : null;
      if (!left?.deactivatedAt || canUndo(left.deactivatedAt, this.hub.now())) throw error;
      // Nothing can be sent there: the domain is reserved for that.
      const changed = await users.change(left, { email: `${left.id.toLowerCase()}@left.invalid` });
      noteUser(after, 'user.address-released', { orgId: fields.orgId, ...changed });
      return users.create(fields);
    }
  }

  /** The earlier link ends with this; at most once a minute. */
  async resend(actor: Actor, userId: string): Promise<User> {
    const { orgId } = actor;
    const { users } = this.uses;
    return this.hub.transact(async (after) => {
      const row = await users.lock(orgId, userId);
      allow(actor, 'people.write', { userId, branchId: row.homeBranchId, what: 'This person' });
      if (row.status !== 'invited')
        throw new Conflict('USER_STATE_INVALID', 'Only an invitation that was not accepted can be sent again.');
      const now = this.hub.now();
      const waitMs = (row.invitedAt?.getTime() ?? 0) + RESEND_AFTER_MS - now.getTime();
      if (waitMs > 0) throw new TooMany(waitMs);
      await row.update({ invitedAt: now });
      const user = row.toContract();
      await this.uses.hooks.run('onResend', invitationOf({ ...user, orgId }, actor.userId), after);
      noteUser(after, 'user.invitation-resent', { orgId, user, before: user });
      return user;
    });
  }

  /**
   * In the caller's transaction: the invitation was accepted, or the address is known to be the person's.
   * `name` is what the person calls himself.
   * @throws Conflict USER_STATE_INVALID for somebody who is not waiting
   */
  async activate(orgId: string, userId: string, after: After, name?: string): Promise<User> {
    const { users, hooks } = this.uses;
    const row = await users.lock(orgId, userId);
    const from = row.status;
    if (!canStep('activate', from)) throw new Conflict('USER_STATE_INVALID', 'This account does not wait for anybody.');
    const { before, user } = await users.change(row, { status: 'active', ...(name !== undefined && { name }) });
    await hooks.run('onActivate', { ...user, orgId }, after, from);
    await users.rightsChanged(orgId, [userId]);
    tellBranches(after, 'user:activated', { orgId, user });
    noteUser(after, 'user.activated', { orgId, user, before });
    return user;
  }
}

/** Addresses are compared lower-cased and composed. */
export const normalAddress = (email: string): string => email.normalize('NFC').toLowerCase();

export const invitationOf = (user: Member, invitedBy: string): Invited => ({
  user,
  roles: [],
  branchId: user.homeBranchId,
  invitedBy,
});

export function mustNotMakeOwner(roles: readonly string[]): void {
  if (roles.includes('owner'))
    throw new Conflict('OWNER_IMMUTABLE', 'An organisation has one owner; ownership is transferred, not invited.');
}
