import { accessLive } from '@loro/contracts/access';
import type { HeldRoles, RoleGrant, RoleKey } from '@loro/contracts/access-roles';
import type { User } from '@loro/contracts/people';
import { Op } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  Forbidden,
  type Hub,
  HubError,
  NotFound,
  ulid,
  ulidInOrder,
} from '../../platform';
import { branches } from '../branches';
import { people } from '../people';
import { ADMINS, beyond, builtInScopes, grantsOf, isBuiltIn, type RoleAt } from './access.policy';
import { RoleGrantModel } from './role-grant.model';
import { type RoleBook, scopesOf } from './role-book';

type Grant = z.output<typeof RoleGrant>;
type Held = Pick<RoleGrantModel, 'role' | 'roleId' | 'branchId'>;
/** Whose roles they are. */
type Person = Pick<User, 'id' | 'homeBranchId'>;

/** Who holds which role, where, and until when. */
export class Holdings {
  constructor(
    private readonly hub: Hub,
    private readonly book: RoleBook,
  ) {}

  async of(actor: Actor, userId: string): Promise<HeldRoles> {
    const { homeBranchId } = await this.hub.use(people).byId(actor.orgId, userId);
    allow(actor, 'roles.read', { userId, branchId: homeBranchId, what: 'This person' });
    return this.present(actor.orgId, userId);
  }

  async grant(actor: Actor, userId: string, input: Grant): Promise<HeldRoles> {
    const { orgId } = actor;
    const person = await this.mayChange(actor, userId, input.role);
    const expiresAt = input.expiresAt === null ? null : new Date(input.expiresAt);
    if (expiresAt && expiresAt <= this.hub.now())
      throw new HubError('VALIDATION_FAILED', 'A role cannot end before it begins.', {
        errors: [{ path: 'expiresAt', code: 'too_small', message: 'is not in the future' }],
      });
    return this.changing(orgId, person.id, 'role.granted', input.role, async () => {
      if (input.branchId !== null && !(await this.hub.ports.hasBranch(orgId, input.branchId)))
        throw new NotFound('This branch');
      await this.book.byKey(orgId, input.role);
      const role = await this.roleAt(orgId, person, { ...input, roleId: isBuiltIn(input.role) ? null : input.role });
      await this.mustCover(actor, role);
      await this.put(orgId, userId, input, { expiresAt, grantedBy: actor.userId });
    });
  }

  async revoke(actor: Actor, userId: string, role: RoleKey, branchId: string | null): Promise<void> {
    const { orgId } = actor;
    const person = await this.mayChange(actor, userId, role);
    await this.changing(orgId, userId, 'role.revoked', role, async () => {
      const held = await RoleGrantModel.findOne({ where: { orgId, userId, role, branchId }, lock: true });
      if (!held) throw new NotFound('This role of the person');
      await this.mustCover(actor, await this.roleAt(orgId, person, held));
      await held.destroy();
      if (isAdmin(role) && !(await this.administers(orgId, userId))) await this.mustLeaveAnAdmin(orgId, userId);
    });
  }

  /** Without asking anybody: for the hub itself, its hooks and its tests. */
  async put(
    orgId: string,
    userId: string,
    { role, branchId }: { role: RoleKey; branchId: string | null },
    { expiresAt, grantedBy }: { expiresAt: Date | null; grantedBy: string | null } = {
      expiresAt: null,
      grantedBy: null,
    },
  ): Promise<void> {
    const now = this.hub.now();
    const known = await RoleGrantModel.findOne({ where: { orgId, userId, role, branchId }, lock: true });
    if (known) await known.update({ expiresAt, grantedBy });
    else
      await RoleGrantModel.create({
        orgId,
        userId,
        id: ulid(now.getTime()),
        role,
        roleId: isBuiltIn(role) ? null : role,
        branchId,
        grantedAt: now,
        grantedBy,
        expiresAt,
      });
  }

  /** The same for many people at once, wherever they belong and for good. */
  async putAll(
    orgId: string,
    given: readonly { readonly userId: string; readonly role: RoleKey; readonly grantedBy: string | null }[],
  ): Promise<void> {
    if (given.length === 0) return;
    const userIds = [...new Set(given.map(({ userId }) => userId))];
    const held = await RoleGrantModel.findAll({ where: { orgId, userId: userIds, branchId: null }, lock: true });
    const known = new Map(held.map((row) => [`${row.userId} ${row.role}`, row]));
    for (const { userId, role, grantedBy } of given)
      await known.get(`${userId} ${role}`)?.update({ expiresAt: null, grantedBy });
    const now = this.hub.now();
    await RoleGrantModel.bulkCreate(
      given
        .filter(({ userId, role }) => !known.has(`${userId} ${role}`))
        .map(({ userId, role, grantedBy }) => ({
          orgId,
          userId,
          id: ulidInOrder(now.getTime()),
          role,
          roleId: isBuiltIn(role) ? null : role,
          branchId: null,
          grantedAt: now,
          grantedBy,
          expiresAt: null,
        })),
    );
  }

  /** Roles that count now, where they count, and when the first of them ends. */
  async rolesAt(orgId: string, person: Person): Promise<{ held: RoleGrantModel[]; roles: RoleAt[]; until?: Date }> {
    const rows = await RoleGrantModel.findAll({ where: { orgId, userId: person.id }, order: ['id'] });
    const now = this.hub.now();
    const held = rows.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    const roles = await Promise.all(held.map((row) => this.roleAt(orgId, person, row)));
    const [until] = held.flatMap(({ expiresAt }) => expiresAt ?? []).toSorted((a, b) => a.getTime() - b.getTime());
    return { held, roles, ...(until && { until }) };
  }

  /** What somebody may do at this very moment, in the caller's transaction, whatever is remembered of him. */
  async grantsNow({ orgId, userId, kind, grants }: Actor): Promise<Actor['grants']> {
    // A key's rights are its own business; its room has just read them.
    if (kind === 'service') return grants;
    const person = await this.hub.use(people).byId(orgId, userId);
    // A locking read sees what was committed since this transaction began.
    await RoleGrantModel.findAll({ where: { orgId, userId }, attributes: ['id'], lock: true });
    return grantsOf((await this.rolesAt(orgId, person)).roles);
  }

  /** Roles that ran out are removed, and the journal is told. */
  async endExpired(): Promise<void> {
    const due = await RoleGrantModel.findAll({
      where: { expiresAt: { [Op.lte]: this.hub.now() } },
      order: ['expiresAt'],
      limit: 500,
    });
    for (const { orgId, userId, id, role } of due)
      await this.changing(orgId, userId, 'role.expired', role, async () => {
        // It may have been prolonged meanwhile.
        const row = await RoleGrantModel.findOne({ where: { orgId, userId, id }, lock: true });
        if (row?.expiresAt && row.expiresAt <= this.hub.now()) await row.destroy();
      });
  }

  async present(orgId: string, userId: string): Promise<HeldRoles> {
    const rows = await RoleGrantModel.findAll({ where: { orgId, userId }, order: ['grantedAt', 'id'] });
    const now = this.hub.now();
    const names = await this.book.namesOf(
      orgId,
      rows.map(({ role }) => role),
    );
    const roles = rows
      .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
      .map(({ role, branchId, grantedAt, grantedBy, expiresAt }) => ({
        role,
        name: names.get(role) ?? role,
        branchId,
        grantedAt: grantedAt.toISOString(),
        grantedBy,
        expiresAt: expiresAt?.toISOString() ?? null,
      }));
    return { userId, roles };
  }

  /** One at a time an organisation: what two administrators do to each other at once has an order. */
  async lockOrganisation(orgId: string): Promise<void> {
    await this.hub.select('SELECT id FROM organisations WHERE id = :orgId FOR UPDATE', { orgId });
  }

  /** Whether somebody administers the organisation, for good. */
  async administers(orgId: string, userId: string): Promise<boolean> {
    return (await RoleGrantModel.count({ where: { orgId, userId, role: [...ADMINS], expiresAt: null } })) > 0;
  }

  /** The organisation is to be locked. @throws Conflict LAST_ADMIN */
  async mustLeaveAnAdmin(orgId: string, without: string): Promise<void> {
    const rows = await RoleGrantModel.findAll({
      where: { orgId, role: [...ADMINS], expiresAt: null, userId: { [Op.ne]: without } },
      lock: true,
    });
    for (const { userId } of rows) if ((await this.hub.use(people).byId(orgId, userId)).status === 'active') return;
    throw new Conflict('LAST_ADMIN', 'Nobody else administers the organisation.');
  }

  /** Roles that somebody is given by somebody else who may not hold them himself. @throws HubError */
  async mustBeGivable(orgId: string, by: string, person: Person, roles: readonly Held[]): Promise<void> {
    const giver = await this.hub.use(people).byId(orgId, by);
    const grants = grantsOf((await this.rolesAt(orgId, giver)).roles);
    for (const held of roles) refuseBeyond(grants, await this.roleAt(orgId, person, held));
  }

  private async roleAt(orgId: string, { id, homeBranchId }: Person, { role, roleId, branchId }: Held): Promise<RoleAt> {
    const scopes =
      roleId === null
        ? builtInScopes(role)
        : scopesOf((await this.book.permissionsOf(orgId, [roleId])).get(roleId) ?? []);
    // A role of no branch counts wherever its holder belongs.
    const places =
      branchId === null ? [homeBranchId, ...(await this.hub.use(branches).placesOf(orgId, id))] : [branchId];
    const branchIds = [...new Set(places.flatMap((place) => place ?? []))];
    const reached = new Set(scopes?.values());
    return {
      scopes: scopes ?? new Map(),
      branchIds,
      subtreeIds: await this.hub.use(branches).subtree(orgId, branchIds),
      teamIds: reached.has('team') ? await this.hub.use(people).teamOf(orgId, id) : [],
    };
  }

  /** The person whose roles are to change, who is somebody else within reach. */
  private async mayChange(actor: Actor, userId: string, role: RoleKey): Promise<Person> {
    const { orgId } = actor;
    const person = await this.hub.use(people).byId(orgId, userId);
    allow(actor, 'roles.manage', { branchId: person.homeBranchId, userId, what: 'This person' });
    if (userId === actor.userId) throw new Forbidden('FORBIDDEN', 'Nobody changes his own roles.');
    if (role === 'owner')
      throw new Conflict('OWNER_IMMUTABLE', 'An organisation has one owner, who can only hand it over.');
    return person;
  }

  private async mustCover(actor: Actor, role: RoleAt): Promise<void> {
    refuseBeyond(await this.grantsNow(actor), role);
  }

  private changing(
    orgId: string,
    userId: string,
    action: string,
    role: RoleKey,
    work: (after: After) => Promise<void>,
  ): Promise<HeldRoles> {
    return this.hub.transact(async (after) => {
      await this.lockOrganisation(orgId);
      const before = await this.present(orgId, userId);
      await work(after);
      const changed = await this.present(orgId, userId);
      await this.hub.changes.record({ orgId, userId, sessionId: null });
      after.record({
        type: 'security_event',
        action,
        orgId,
        entity: { type: 'user', id: userId },
        before: { roles: before.roles },
        after: { roles: changed.roles },
        data: { role },
      });
      after.publish(accessLive, 'roles:changed', { orgId, id: userId }, changed);
      return changed;
    });
  }
}

const isAdmin = (role: RoleKey): boolean => ADMINS.some((admin) => admin === role);

function refuseBeyond(grants: Actor['grants'], role: RoleAt): void {
  const lacking = beyond(grants, role);
  if (lacking.length === 0) return;
  const named = lacking.slice(0, 5).join(', ');
  throw new Forbidden('FORBIDDEN', `This role holds what you lack, or lack there: ${named}.`);
}
