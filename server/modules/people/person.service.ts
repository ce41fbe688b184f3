import type { User } from '@loro/contracts/people';
import type { OwnUser } from '@loro/contracts/people-me';
import type { OwnChange, UserChange } from '@loro/contracts/people-users';
import type { Profile, SeenUser } from '@loro/contracts/people-values';
import type { z } from 'zod';
import { type Actor, type After, allow, Conflict, type Hub, HubError, Invalid } from '../../platform';
import type { DirectoryService } from './directory.service';
import { forbiddenFields, shownProfile, wrongCustomValues } from './fields.policy';
import type { HookBook } from './hooks';
import { invitationOf, normalAddress } from './invitations.service';
import type { ManagersService } from './managers.service';
import { noteUser, tellBranches } from './telling';
import type { UserModel } from './user.model';
import type { UsersStore } from './users.store';

type Change = z.output<typeof UserChange>;

interface Uses {
  readonly users: UsersStore;
  readonly hooks: HookBook;
  readonly managers: ManagersService;
  readonly directory: DirectoryService;
  readonly forgetName: (orgId: string, userId: string) => void;
}

/** What is written about one person, by others and by himself. */
export class PersonService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async me(actor: Actor): Promise<z.output<typeof OwnUser>> {
    allow(actor, 'account.use', { userId: actor.userId });
    const user = await this.uses.directory.byId(actor.orgId, actor.userId);
    return this.own(user, await this.uses.users.profile(actor.orgId, actor.userId), actor.orgId);
  }

  async updateMe(actor: Actor, version: number, change: z.output<typeof OwnChange>): Promise<z.output<typeof OwnUser>> {
    allow(actor, 'account.use', { userId: actor.userId });
    return this.hub.transact(async (after) => {
      const row = await this.uses.users.lock(actor.orgId, actor.userId);
      const profile = await this.uses.users.profile(actor.orgId, actor.userId);
      if (row.version !== version) throw stale(await this.own(row.toContract(), profile, actor.orgId));
      await this.mustFit(row.orgId, change, 'self');
      const changed = await this.write(row, { profile, change, above: [] }, after);
      return this.own(changed.user, changed.profile, actor.orgId);
    });
  }

  async update(actor: Actor, userId: string, version: number, change: Change): Promise<SeenUser> {
    const { orgId } = actor;
    const { users, directory } = this.uses;
    return this.hub.transact(async (after) => {
      if (change.managerId !== undefined) await users.lockOrganisation(orgId, 'update');
      const row = await users.lock(orgId, userId);
      allow(actor, 'people.write', { userId, branchId: row.homeBranchId, what: 'This person' });
      if (row.erasedAt) throw new Conflict('USER_STATE_INVALID', 'This person was forgotten for good.');
      const profile = await users.profile(orgId, userId);
      if (row.version !== version) throw stale(await directory.seen(actor, row.toContract(), profile));
      await this.mustFit(orgId, change, 'write');
      await this.mustReach(actor, row, change);
      const above = await this.managersMoved(row, change.managerId);
      const changed = await this.write(row, { profile, change, above }, after);
      if (changed.before.email !== changed.user.email)
        await this.uses.hooks.run('onResend', invitationOf({ ...changed.user, orgId }, actor.userId), after);
      return directory.seen(actor, changed.user, changed.profile);
    });
  }

  /** In the caller's transaction: the person confirmed the new address. @throws Conflict EMAIL_TAKEN */
  async changeEmail(orgId: string, userId: string, email: string, after: After): Promise<User> {
    const row = await this.uses.users.lock(orgId, userId);
    const { before, user } = await this.uses.users.change(row, { email: normalAddress(email) });
    await this.uses.hooks.run('onChange', { orgId, before, user: { ...user, orgId } }, after);
    tellBranches(after, 'user:updated', { orgId, user });
    noteUser(after, 'user.email-changed', { orgId, user, before, type: 'security_event' });
    return user;
  }

  /** In the caller's transaction, which knows where the person belongs. */
  async rehome(orgId: string, userId: string, homeBranchId: string | null, after: After): Promise<User> {
    const row = await this.uses.users.lock(orgId, userId);
    if (row.homeBranchId === homeBranchId) return row.toContract();
    const profile = await this.uses.users.profile(orgId, userId);
    return (await this.write(row, { profile, change: { homeBranchId }, above: [] }, after)).user;
  }

  /** The new branch must lie in the actor's reach too, and an address that somebody signs in with is his own to change. */
  private async mustReach(actor: Actor, row: UserModel, { homeBranchId, email }: Change): Promise<void> {
    if (homeBranchId !== undefined && homeBranchId !== row.homeBranchId) {
      allow(actor, 'people.write', { branchId: homeBranchId, what: 'This branch' });
      await this.uses.users.mustHaveBranch(row.orgId, homeBranchId);
    }
    if (email !== undefined && normalAddress(email) !== row.email && row.status !== 'invited')
      throw new Conflict('USER_STATE_INVALID', 'The address is changed by the person, who confirms the new one.');
  }

  /** @returns everybody whose team changes with it */
  private async managersMoved(row: UserModel, managerId: string | null | undefined): Promise<string[]> {
    const { managers } = this.uses;
    if (managerId === undefined || managerId === (row.managerId ?? null)) return [];
    const before = await managers.managersOf(row.orgId, row.id);
    return [...before, ...(managerId === null ? [] : await managers.place(row.orgId, row.id, managerId))];
  }

  /** @throws Invalid with every field that is not the author's to change, or does not fit */
  private async mustFit(orgId: string, change: Change, author: 'self' | 'write'): Promise<void> {
    const rules = await this.uses.directory.rulesOf(orgId);
    const forbidden = forbiddenFields(change, author, rules);
    if (forbidden.length > 0)
      throw new Invalid('FIELD_FORBIDDEN', 'Somebody who may change people can do this for you.', {
        errors: forbidden,
      });
    const wrong = wrongCustomValues(change, rules);
    if (wrong.length > 0)
      throw new Invalid('VALIDATION_FAILED', `Wrong: ${wrong.map(({ path }) => path).join(', ')}.`, { errors: wrong });
  }

  private async write(
    row: UserModel,
    { profile, change, above }: { profile: Profile; change: Change; above: readonly string[] },
    after: After,
  ): Promise<{ before: User; user: User; profile: Profile }> {
    const { orgId } = row;
    const { users, hooks } = this.uses;
    const { address, birthday, emergencyContact, skills, customFields, email, ...fields } = change;
    const profiles = {
      before: profile,
      after: mergedProfile(profile, { address, birthday, emergencyContact, skills, customFields }),
    };
    if (JSON.stringify(profiles.before) !== JSON.stringify(profiles.after))
      await users.keepProfile(orgId, row.id, profiles.after);
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const { before, user } = await users.change(row, {
      ...given,
      ...(email !== undefined && { email: normalAddress(email) }),
    });
    await hooks.run('onChange', { orgId, before, user: { ...user, orgId } }, after);
    if (before.name !== user.name || before.homeBranchId !== user.homeBranchId)
      await users.rightsChanged(orgId, [...above, user.id]);
    else await users.rightsChanged(orgId, above);
    this.hub.afterCommit(() => this.uses.forgetName(orgId, user.id));
    tellBranches(after, 'user:updated', { orgId, user, before });
    noteUser(after, 'user.updated', { orgId, user, before, profiles });
    return { before, user, profile: profiles.after };
  }

  /** A person sees all of himself but custom fields that are for others. */
  private async own(user: User, profile: Profile, orgId: string): Promise<z.output<typeof OwnUser>> {
    const rules = await this.uses.directory.rulesOf(orgId);
    return { ...user, profile: { ...profile, ...shownProfile(profile, 'self', rules) } };
  }
}

const stale = (current: unknown): HubError =>
  new HubError('VERSION_CONFLICT', 'Somebody changed this person meanwhile.', { current });

function mergedProfile(
  profile: Profile,
  {
    customFields = {},
    ...change
  }: Pick<Change, 'customFields' | 'address' | 'birthday' | 'emergencyContact' | 'skills'>,
): Profile {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const custom = Object.entries({ ...profile.customFields, ...customFields }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return { ...profile, ...given, customFields: Object.fromEntries(custom) };
}
