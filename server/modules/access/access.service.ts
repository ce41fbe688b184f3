import type { BuiltInRole } from '@loro/contracts/kit/permissions';
import type { User } from '@loro/contracts/people';
import { type AccessToken, type Actor, type Hub, Remembered } from '../../platform';
import { branches } from '../branches';
import { grantsOf, type RoleAt } from './access.policy';
import { RoleGrantModel } from './role-grant.model';

const GRANTS_FOR_MS = 3_600_000;
const GRANTS_KEPT = 10_000;

/** Who may do what. */
export class AccessService {
  private readonly grants: Remembered<Actor['grants']>;

  constructor(private readonly hub: Hub) {
    this.grants = new Remembered(GRANTS_FOR_MS, GRANTS_KEPT, hub.now);
  }

  /** The actor behind a person's token, with all rights resolved. */
  async actorOf(user: User, token: AccessToken): Promise<Actor> {
    const { orgId, sessionId } = token;
    const rows = await RoleGrantModel.findAll({ where: { orgId, userId: user.id } });
    const roles = await Promise.all(
      rows.map(async ({ role, branchId }): Promise<RoleAt> => {
        const at = branchId ?? user.homeBranchId;
        const branchIds = at === null ? [] : [at];
        return { role, branchIds, subtreeIds: await this.hub.use(branches).subtree(orgId, branchIds) };
      }),
    );
    return {
      orgId,
      userId: user.id,
      name: user.name,
      sessionId,
      kind: user.kind === 'service' ? 'service' : 'person',
      homeBranchId: user.homeBranchId,
      roles: rows.map(({ role }) => role),
      grants: this.shared(roles),
    };
  }

  /** People with the same roles at the same branches share what they may do: it is most of what a connection keeps. */
  private shared(roles: readonly RoleAt[]): Actor['grants'] {
    const key = JSON.stringify(roles);
    let grants = this.grants.get(key);
    if (!grants) this.grants.set(key, (grants = grantsOf(roles)));
    return grants;
  }

  /** Gives a role; its sockets and calls follow within two seconds. */
  async grant(orgId: string, userId: string, role: BuiltInRole, branchId: string | null = null): Promise<void> {
    await this.hub.transact(async () => {
      await RoleGrantModel.upsert({ orgId, userId, role, branchId, grantedAt: this.hub.now() });
      await this.hub.changes.record({ orgId, userId, sessionId: null });
    });
  }

  async revoke(orgId: string, userId: string, role: BuiltInRole): Promise<void> {
    await this.hub.transact(async () => {
      await RoleGrantModel.destroy({ where: { orgId, userId, role } });
      await this.hub.changes.record({ orgId, userId, sessionId: null });
    });
  }
}
