import type { User } from '@loro/contracts/people';
import type { Profile } from '@loro/contracts/people-values';
import { type CreationAttributes, type InferAttributes, Transaction } from 'sequelize';
import { Conflict, type Hub, type HubError, NotFound, onDuplicate } from '../../platform';
import { OrganisationModel } from './organisation.model';
import { emptyProfile, profileColumns, ProfileModel } from './profile.model';
import { UserModel } from './user.model';

const { SHARE, UPDATE } = Transaction.LOCK;

/**
 * People as they are written. Locks come in one order: the organisation, then people. The organisation's row stands for
 * its owner and for its tree of managers.
 */
export class UsersStore {
  constructor(private readonly hub: Hub) {}

  /** `share`: its owner stays who he is until the commit; `update`: nobody else changes owner or managers. */
  async lockOrganisation(orgId: string, how: 'share' | 'update'): Promise<OrganisationModel> {
    const row = await OrganisationModel.findByPk(orgId, { lock: how === 'share' ? SHARE : UPDATE });
    if (!row) throw new NotFound('This organisation');
    return row;
  }

  /** Programs have accounts too, and rooms of their own that change them. @throws NotFound */
  async lock(orgId: string, id: string): Promise<UserModel> {
    const row = await UserModel.findOne({ where: { orgId, id }, lock: UPDATE });
    if (!row || row.kind === 'service') throw new NotFound('This person');
    return row;
  }

  /** Of somebody who is known to be there. */
  lockByAddress(orgId: string, email: string): Promise<UserModel | null> {
    return UserModel.findOne({ where: { orgId, email }, lock: UPDATE });
  }

  async create(fields: CreationAttributes<UserModel>): Promise<User> {
    return (await UserModel.create(fields).catch(onDuplicate(taken))).toContract();
  }

  createAll(fields: readonly CreationAttributes<UserModel>[]): Promise<UserModel[]> {
    return UserModel.bulkCreate([...fields]).catch(onDuplicate(taken));
  }

  /** Changes a row and counts its version. */
  async change(row: UserModel, fields: Partial<InferAttributes<UserModel>>): Promise<{ before: User; user: User }> {
    const before = row.toContract();
    await row.update({ ...fields, version: row.version + 1 }).catch(onDuplicate(taken));
    return { before, user: row.toContract() };
  }

  /** As this transaction sees it now, whatever it read before. */
  async profile(orgId: string, userId: string): Promise<Profile> {
    const row = await ProfileModel.findOne({ where: { orgId, userId }, lock: SHARE });
    return row?.toContract() ?? emptyProfile;
  }

  async keepProfile(orgId: string, userId: string, profile: Profile): Promise<void> {
    await ProfileModel.upsert({ orgId, userId, ...profileColumns(profile) });
  }

  async forgetProfile(orgId: string, userId: string): Promise<void> {
    await ProfileModel.destroy({ where: { orgId, userId } });
  }

  /** As they stand now; what another transaction is about to bring is waited for. */
  async seats(orgId: string): Promise<number> {
    const [row] = await this.hub.select<{ seats: number }>(
      `SELECT COUNT(*) AS seats FROM users WHERE org_id = :orgId AND kind = 'person' AND status <> 'deactivated'
       LOCK IN SHARE MODE`,
      { orgId },
    );
    return row?.seats ?? 0;
  }

  /** @throws NotFound for a branch of somebody else */
  async mustHaveBranch(orgId: string, branchId: string | null): Promise<void> {
    if (branchId !== null && !(await this.hub.ports.hasBranch(orgId, branchId))) throw new NotFound('This branch');
  }

  /** Lets every node ask again what anybody of the organisation may do. */
  async everybodysRightsChanged(orgId: string): Promise<void> {
    await this.hub.changes.record({ orgId, userId: null, sessionId: null });
  }

  /** Lets every node ask again what these people may do. */
  async rightsChanged(orgId: string, userIds: readonly string[]): Promise<void> {
    for (const userId of [...new Set(userIds)].toSorted())
      await this.hub.changes.record({ orgId, userId, sessionId: null });
  }
}

const isKey = (cause: Error, key: string): boolean =>
  'fields' in cause && typeof cause.fields === 'object' && cause.fields !== null && key in cause.fields;

const taken = (cause: Error): HubError =>
  isKey(cause, 'one_employee_no')
    ? new Conflict('EMPLOYEE_NO_TAKEN', 'Somebody has this employee number.', { cause })
    : new Conflict('EMAIL_TAKEN', 'Somebody has this e-mail address.', { cause });
