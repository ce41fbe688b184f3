import type { User } from '@loro/contracts/people';
import { type Actor, type After, allow, Conflict, Forbidden, type Hub } from '../../platform';
import type { HookBook } from './hooks';
import { invitationOf } from './invitations.service';
import { canStep, canUndo, restoredStatus, type Step, UNDO_DAYS } from './standing.policy';
import { noteUser, tellBranches } from './telling';
import type { UserModel } from './user.model';
import type { UsersStore } from './users.store';

type Leaving = 'suspend' | 'deactivate';

const done = { suspend: 'suspended', deactivate: 'deactivated' } as const;

/** Keeping people out and letting them in again. */
export class StandingService {
  constructor(
    private readonly hub: Hub,
    private readonly users: UsersStore,
    private readonly hooks: HookBook,
  ) {}

  async suspend(actor: Actor, userId: string): Promise<User> {
    return this.hub.transact(async (after) => this.step(await this.take(actor, userId, 'suspend'), 'suspend', after));
  }

  async deactivate(actor: Actor, userId: string): Promise<User> {
    return this.hub.transact(async (after) =>
      this.step(await this.take(actor, userId, 'deactivate'), 'deactivate', after),
    );
  }

  async reactivate(actor: Actor, userId: string): Promise<User> {
    return this.hub.transact(async (after) => {
      const row = await this.take(actor, userId, 'reactivate');
      if (row.erasedAt) throw new Conflict('USER_STATE_INVALID', 'This person was forgotten for good.');
      if (row.deactivatedAt && !canUndo(row.deactivatedAt, this.hub.now()))
        throw new Conflict('TOO_LATE', `This person was deactivated more than ${UNDO_DAYS} days ago.`);
      return this.restore(row, actor, after);
    });
  }

  /** In the caller's transaction, which holds the organisation's lock: this person may not sign in from now. */
  async leave(row: UserModel, step: Leaving, after: After): Promise<{ before: User; user: User }> {
    const { orgId, status: from } = row;
    const changed = await this.users.change(row, {
      status: done[step],
      ...(step === 'deactivate' && from !== 'deactivated' && { deactivatedAt: this.hub.now(), deactivatedFrom: from }),
    });
    await this.hooks.run('onLeave', { ...changed.user, orgId }, after, from);
    await this.users.rightsChanged(orgId, [row.id]);
    tellBranches(after, `user:${done[step]}`, { orgId, user: changed.user });
    return changed;
  }

  private async step(row: UserModel, step: Leaving, after: After): Promise<User> {
    const changed = await this.leave(row, step, after);
    noteUser(after, `user.${done[step]}`, { orgId: row.orgId, ...changed, type: 'security_event' });
    return changed.user;
  }

  private async restore(row: UserModel, actor: Actor, after: After): Promise<User> {
    const { orgId, status: from } = row;
    const status = from === 'deactivated' ? restoredStatus(row.deactivatedFrom ?? null) : 'active';
    const { before, user } = await this.users.change(row, {
      status,
      deactivatedAt: null,
      deactivatedFrom: null,
      ...(status === 'invited' && { invitedAt: this.hub.now() }),
    });
    if (status === 'invited') await this.hooks.invite([invitationOf({ ...user, orgId }, actor.userId)], after);
    else await this.hooks.run('onActivate', { ...user, orgId }, after, from);
    await this.users.rightsChanged(orgId, [user.id]);
    tellBranches(after, status === 'invited' ? 'user:invited' : 'user:activated', { orgId, user });
    noteUser(after, 'user.reactivated', { orgId, user, before, type: 'security_event' });
    return user;
  }

  /** The person, locked, when the actor may take this step and the person stands where it can be taken. */
  private async take(actor: Actor, userId: string, step: Step): Promise<UserModel> {
    const { orgId } = actor;
    const { ownerId } = await this.users.lockOrganisation(orgId, 'share');
    const row = await this.users.lock(orgId, userId);
    allow(actor, 'people.write', { userId, branchId: row.homeBranchId, what: 'This person' });
    if (userId === ownerId && step !== 'reactivate')
      throw new Conflict(
        'OWNER_IMMUTABLE',
        'The owner stays as long as the organisation is not given to somebody else.',
      );
    if (userId === actor.userId) throw new Forbidden('FORBIDDEN', 'Nobody changes his own standing.');
    if (!canStep(step, row.status))
      throw new Conflict('USER_STATE_INVALID', `${row.name} is ${row.status.replace('_', ' ')}.`);
    return row;
  }
}
