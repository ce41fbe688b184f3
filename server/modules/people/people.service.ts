import type { Organisation, User } from '@loro/contracts/people';
import { Op, type WhereOptions } from 'sequelize';
import { type Actor, allow, type Hub, NotFound, type Page, pageOf } from '../../platform';
import { OrganisationModel } from './organisation.model';
import { UserModel } from './user.model';

interface UserQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly status?: User['status'] | undefined;
  readonly branchId?: string | undefined;
  readonly q?: string | undefined;
}

export class PeopleService {
  constructor(private readonly hub: Hub) {}

  async organisation(actor: Actor): Promise<Organisation> {
    allow(actor, 'people.read', { orgId: actor.orgId });
    return this.organisationOf(actor.orgId);
  }

  async list(actor: Actor, { limit, cursor, status, branchId, q }: UserQuery): Promise<Page<User>> {
    allow(actor, 'people.read');
    const after = this.hub.cursors.decode('users', cursor);
    const where: WhereOptions = {
      orgId: actor.orgId,
      ...(status && { status }),
      ...(branchId && { homeBranchId: branchId }),
      ...(q && { name: { [Op.like]: `%${q.replace(/[\\%_]/g, '\\$&')}%` } }),
      ...(after && { [Op.or]: [{ name: { [Op.gt]: after[0] } }, { name: after[0], id: { [Op.gt]: after[1] } }] }),
    };
    const rows = await UserModel.findAll({ where, order: ['name', 'id'], limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      ({ name, id }) => this.hub.cursors.encode('users', [name, id]),
      (row) => row.toContract(),
    );
  }

  async get(actor: Actor, userId: string): Promise<User> {
    allow(actor, 'people.read');
    return this.byId(actor.orgId, userId);
  }

  /** For other rooms, which have asked their own permission. @throws NotFound */
  async byId(orgId: string, userId: string): Promise<User> {
    const row = await UserModel.findOne({ where: { orgId, id: userId } });
    if (!row) throw new NotFound('This person');
    return row.toContract();
  }

  /** Names by id; unknown ids are left out. */
  async namesOf(orgId: string, userIds: readonly string[]): Promise<Map<string, string>> {
    if (userIds.length === 0) return new Map();
    const rows = await UserModel.findAll({ where: { orgId, id: [...userIds] }, attributes: ['id', 'name'], raw: true });
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** Everybody who signs in with this address; one person may belong to several organisations. */
  async byEmail(email: string): Promise<{ user: User; organisation: Organisation }[]> {
    const rows = await UserModel.findAll({ where: { email: email.normalize('NFC').toLowerCase() }, order: ['orgId'] });
    return Promise.all(
      rows.map(async (row) => ({ user: row.toContract(), organisation: await this.organisationOf(row.orgId) })),
    );
  }

  /** @throws NotFound */
  async organisationOf(orgId: string): Promise<Organisation> {
    const row = await OrganisationModel.findByPk(orgId);
    if (!row) throw new NotFound('This organisation');
    return row.toContract();
  }
}
