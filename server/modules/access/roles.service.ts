import type { NewRole, Role, RoleChange } from '@loro/contracts/access-roles';
import { builtInRoles } from '@loro/contracts/kit/permissions';
import { Op } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  Forbidden,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { beyondAnywhere, isHubWide, isPermission } from './access.policy';
import type { Holdings } from './holdings.service';
import { RoleGrantModel } from './role-grant.model';
import { RoleModel } from './role.model';
import { ofTheHub, type RoleBook, scopesOf } from './role-book';
import { RolePermissionModel } from './role-permission.model';

type Permissions = Role['permissions'];

/** Roles that an organisation makes for itself. */
export class Roles {
  constructor(
    private readonly hub: Hub,
    private readonly book: RoleBook,
    private readonly holdings: Holdings,
  ) {}

  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<Role>> {
    allow(actor, 'roles.read');
    const { orgId } = actor;
    const after = this.hub.cursors.decode('roles', cursor);
    const [afterBuiltIn, afterName] = after ? [String(after[0]), after[1]] : ['', undefined];
    const builtIn =
      afterName === undefined
        ? builtInRoles.slice(after ? builtInRoles.findIndex((role) => role === afterBuiltIn) + 1 : 0)
        : [];
    const rows = await RoleModel.findAll({
      where: { orgId, ...(afterName !== undefined && { name: { [Op.gt]: String(afterName) } }) },
      order: ['name'],
      limit: limit + 1,
    });
    const held = await this.book.permissionsOf(
      orgId,
      rows.map(({ id }) => id),
    );
    const all = [
      ...builtIn.flatMap((role) => ofTheHub(role) ?? []),
      ...rows.map(({ id, name, description, version }): Role => {
        return { id, name, description, isBuiltIn: false, permissions: held.get(id) ?? [], version };
      }),
    ];
    return pageOf(
      all,
      limit,
      ({ id, name, isBuiltIn }) => this.hub.cursors.encode('roles', isBuiltIn ? [id] : ['', name]),
      (role) => role,
    );
  }

  async get(actor: Actor, key: Role['id']): Promise<Role> {
    allow(actor, 'roles.read');
    return this.book.byKey(actor.orgId, key);
  }

  async make(actor: Actor, input: z.output<typeof NewRole>): Promise<Role> {
    allow(actor, 'roles.manage');
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      await this.judge(actor, input.permissions);
      const now = this.hub.now();
      const { name, description } = input;
      const row = await RoleModel.create({
        orgId,
        id: ulid(now.getTime()),
        name,
        description,
        createdBy: actor.userId,
        createdAt: now,
        version: 1,
      }).catch(onDuplicate(() => nameTaken(name)));
      await this.write(row, input.permissions);
      const made = await this.book.present(row);
      after.record({
        type: 'security_event',
        action: 'role.made',
        entity: { type: 'role', id: row.id },
        after: made,
      });
      return made;
    });
  }

  async change(actor: Actor, roleId: string, version: number, change: z.output<typeof RoleChange>): Promise<Role> {
    allow(actor, 'roles.manage');
    return this.alter(actor, roleId, version, 'role.changed', async (row) => {
      const { name = row.name, description = row.description } = change;
      await row.update({ name, description, version: version + 1 }).catch(onDuplicate(() => nameTaken(name)));
    });
  }

  /** Everybody who holds it may do that, and nothing else, within two seconds. */
  async setPermissions(actor: Actor, roleId: string, version: number, permissions: Permissions): Promise<Role> {
    allow(actor, 'roles.manage');
    return this.alter(actor, roleId, version, 'role.permissions-set', async (row) => {
      const { orgId } = actor;
      await this.judge(actor, permissions);
      if ((await RoleGrantModel.count({ where: { orgId, roleId, userId: actor.userId } })) > 0)
        throw new Forbidden('FORBIDDEN', 'Nobody changes a role that he holds himself.');
      await RolePermissionModel.destroy({ where: { orgId, roleId } });
      await this.write(row, permissions);
      await row.update({ version: version + 1 });
      await this.hub.changes.record({ orgId, userId: null, sessionId: null });
    });
  }

  async remove(actor: Actor, roleId: string, version: number): Promise<void> {
    allow(actor, 'roles.manage');
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      const row = await this.lock(orgId, roleId, version);
      const before = await this.book.present(row);
      if ((await RoleGrantModel.findAll({ where: { orgId, roleId }, limit: 1, lock: true })).length > 0)
        throw new Conflict('ROLE_IN_USE', 'Somebody holds this role.');
      await row.destroy();
      after.record({ type: 'security_event', action: 'role.removed', entity: { type: 'role', id: roleId }, before });
    });
  }

  private alter(
    { orgId }: Actor,
    roleId: string,
    version: number,
    action: string,
    write: (row: RoleModel) => Promise<void>,
  ): Promise<Role> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(orgId, roleId, version);
      const before = await this.book.present(row);
      await write(row);
      const changed = await this.book.present(row);
      after.record({
        type: 'security_event',
        action,
        entity: { type: 'role', id: roleId },
        before,
        after: changed,
      });
      return changed;
    });
  }

  /** Permissions that exist, each once, none beyond the organisation, none that the maker lacks. */
  private async judge(actor: Actor, permissions: Permissions): Promise<void> {
    const seen = new Set<string>();
    const errors = permissions.flatMap(({ permission }, at) => {
      const wrong = !isPermission(permission)
        ? 'there is no such permission'
        : isHubWide(permission)
          ? 'reaches beyond one organisation'
          : seen.has(permission)
            ? 'is named twice'
            : undefined;
      seen.add(permission);
      if (wrong === undefined) return [];
      return [{ path: `permissions.${at}.permission`, code: 'unknown_permission', message: `${permission}: ${wrong}` }];
    });
    if (errors.length > 0)
      throw new HubError('VALIDATION_FAILED', 'Some of the permissions cannot be given.', { errors });
    // Asked anew, in this transaction: the maker may have lost something since this call came in.
    const lacking = beyondAnywhere(await this.holdings.grantsNow(actor), scopesOf(permissions));
    if (lacking.length > 0)
      throw new Forbidden('FORBIDDEN', `A role cannot hold what you lack: ${lacking.join(', ')}.`);
  }

  private async write({ orgId, id: roleId }: RoleModel, permissions: Permissions): Promise<void> {
    await RolePermissionModel.bulkCreate(
      permissions.map(({ permission, scope }) => ({ orgId, roleId, permission, scope })),
    );
  }

  private async lock(orgId: string, id: string, version: number): Promise<RoleModel> {
    if (ofTheHub(id)) throw new Forbidden('FORBIDDEN', 'Built-in roles are as they are.');
    const row = await RoleModel.findOne({ where: { orgId, id }, lock: true });
    if (!row) throw new NotFound('This role');
    if (row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this role meanwhile.', {
        current: await this.book.present(row),
      });
    return row;
  }
}

const nameTaken = (name: string) => new Conflict('ROLE_NAME_TAKEN', `There is a role ${name} already.`);
