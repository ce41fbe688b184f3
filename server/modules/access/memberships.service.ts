import { RoleKey } from '@loro/contracts/access-roles';
import type { User } from '@loro/contracts/people';
import { type Actor, Conflict, context, Forbidden, type Hub, HubError } from '../../platform';
import { type Invited, type Member, people } from '../people';
import { isBuiltIn } from './access.policy';
import type { Holdings } from './holdings.service';
import type { RoleBook } from './role-book';
import { RoleGrantModel } from './role-grant.model';

/** Given to whoever comes in without a role. */
const USUAL = {
  person: 'staff',
  client: 'client',
  reseller: 'reseller',
  service: null,
} as const satisfies Record<User['kind'], RoleKey | null>;

interface Given {
  readonly user: Member;
  readonly invitedBy: string | null;
  readonly roles: readonly RoleKey[];
}

/** What happens to roles when people are invited, come, leave and hand over; in the transaction of what happens. */
export class Memberships {
  constructor(
    private readonly hub: Hub,
    private readonly book: RoleBook,
    private readonly holdings: Holdings,
  ) {}

  start(): void {
    this.hub.use(people).hook({
      onFound: ({ organisation, owner }) =>
        this.holdings.put(organisation.id, owner.id, { role: 'owner', branchId: null }),
      onInviteAll: (invited) => this.invite(invited),
      onActivate: (user) => this.activate(user),
      onLeave: (user) => this.leave(user),
      onTransfer: (change) => this.transfer(change),
      onExport: async ({ id }) => ({ roles: (await this.holdings.present(caller().orgId, id)).roles }),
      withRole: (orgId, role) => this.withRole(orgId, role),
    });
  }

  /** Kept from the invitation on; they count once the person may sign in. */
  private async invite(invited: readonly Invited[]): Promise<void> {
    const [first] = invited;
    if (!first) return;
    const { orgId } = first.user;
    const keys = new Map(invited.flatMap(({ roles }) => roles).map((role) => [role, keyOf(role)]));
    if ([...keys.values()].includes('owner'))
      throw new Conflict('OWNER_IMMUTABLE', 'An organisation has one owner, who can only hand it over.');
    for (const key of new Set(keys.values())) await this.book.byKey(orgId, key);
    const given = invited.map(({ user, roles, invitedBy }) => ({
      user,
      invitedBy,
      roles: [...new Set(roles.flatMap((role) => keys.get(role) ?? []))],
    }));
    await this.mustBeGivable(orgId, given);
    await this.holdings.putAll(
      orgId,
      given.flatMap(({ user, invitedBy, roles }) =>
        roles.map((role) => ({ userId: user.id, role, grantedBy: invitedBy })),
      ),
    );
  }

  /** What the same roles at the same branch reach is the same for all who come with them; it is looked at once. */
  private async mustBeGivable(orgId: string, given: readonly Given[]): Promise<void> {
    const kinds = new Map(
      given.flatMap(({ user, invitedBy, roles }) =>
        invitedBy === null || roles.length === 0
          ? []
          : [[`${invitedBy} ${user.homeBranchId ?? ''} ${roles.join(' ')}`, { user, invitedBy, roles }] as const],
      ),
    );
    for (const { user, invitedBy, roles } of kinds.values())
      await this.holdings.mustBeGivable(
        orgId,
        invitedBy,
        user,
        roles.map((role) => ({ role, roleId: isBuiltIn(role) ? null : role, branchId: null })),
      );
  }

  private async activate({ orgId, ...user }: Member): Promise<void> {
    const role = USUAL[user.kind];
    if (role === null) return;
    // Whoever was invited has the roles that the invitation came with.
    if ((await RoleGrantModel.count({ where: { orgId, userId: user.id } })) > 0) return;
    await this.holdings.put(orgId, user.id, { role, branchId: null });
  }

  private async leave({ id }: User): Promise<void> {
    const actor = caller();
    const { orgId } = actor;
    if (!(await this.holdings.administers(orgId, id))) return;
    await this.holdings.lockOrganisation(orgId);
    await this.mustStillStand(actor);
    await this.holdings.mustLeaveAnAdmin(orgId, id);
  }

  /** Of two who send each other away at once, the later one has gone himself. */
  private async mustStillStand({ orgId, userId }: Actor): Promise<void> {
    const { status } = await this.hub.use(people).byId(orgId, userId);
    if (status !== 'active') throw new Forbidden('FORBIDDEN', 'You may not do this any more.');
  }

  private async transfer({ orgId, from, to }: { orgId: string; from: User; to: User }): Promise<void> {
    await RoleGrantModel.destroy({ where: { orgId, role: 'owner' } });
    await this.holdings.put(orgId, from.id, { role: 'admin', branchId: null });
    await this.holdings.put(orgId, to.id, { role: 'owner', branchId: null });
    for (const userId of [from.id, to.id]) await this.hub.changes.record({ orgId, userId, sessionId: null });
  }

  private async withRole(orgId: string, role: string): Promise<string[]> {
    const rows = await RoleGrantModel.findAll({
      where: { orgId, role: keyOf(role) },
      attributes: ['userId', 'expiresAt'],
    });
    const now = this.hub.now();
    return rows.filter(({ expiresAt }) => expiresAt === null || expiresAt > now).map(({ userId }) => userId);
  }
}

/** People come and go by somebody's hand. */
function caller(): Actor {
  const actor = context().caller?.actor;
  if (!actor) throw new Error('a hook about people ran without a caller');
  return actor;
}

/** @throws HubError for what can be no role */
function keyOf(role: string): RoleKey {
  const key = RoleKey.safeParse(role);
  if (key.success) return key.data;
  throw new HubError('VALIDATION_FAILED', `There is no role ${role}.`, {
    errors: [{ path: 'roles', code: 'unknown_role', message: `${role} is neither a built-in role nor the id of one` }],
  });
}
