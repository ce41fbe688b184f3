import { type Hub, NotFound, ulid } from '../../platform';
import { UserModel } from './user.model';

/** Accounts of programs: they have a name and rights, and neither a password nor a seat. */
export class ServiceAccounts {
  constructor(private readonly hub: Hub) {}

  /** In the caller's transaction. @returns its id */
  async open(orgId: string, name: string): Promise<string> {
    const now = this.hub.now();
    const id = ulid(now.getTime());
    await UserModel.create({
      orgId,
      id,
      // Nothing can be sent there: the domain is reserved for that.
      email: `${id.toLowerCase()}@service.invalid`,
      name,
      status: 'active',
      kind: 'service',
      homeBranchId: null,
      jobTitle: null,
      employeeNo: null,
      createdAt: now,
      version: 1,
    });
    return id;
  }

  /** In the caller's transaction. */
  async change(orgId: string, id: string, change: { name?: string; status?: 'deactivated' }): Promise<void> {
    const account = await UserModel.findOne({ where: { orgId, id, kind: 'service' }, lock: true });
    if (!account) throw new NotFound('This service account');
    await account.update({ ...change, version: account.version + 1 });
  }
}
