import type { RoleKey } from '@loro/contracts/access-roles';
import type { User } from '@loro/contracts/people';
import { type AccessToken, type Actor, type Hub, Remembered } from '../../platform';
import { people } from '../people';
import { grantsOf, isBuiltIn, type RoleAt } from './access.policy';
import { Admission } from './admission.service';
import { Deadlines } from './deadlines';
import { Explainer } from './explain.service';
import { Holdings } from './holdings.service';
import { Memberships } from './memberships.service';
import { Reviews } from './reviews.service';
import { RoleBook } from './role-book';
import { RoleGrantModel } from './role-grant.model';
import { Roles } from './roles.service';
import { Standings } from './standings';
import { standingOf } from './standing-of';

const GRANTS_FOR_MS = 3_600_000;
const GRANTS_KEPT = 10_000;

/** Who may do what, and why. */
export class AccessService {
  readonly roles: Roles;
  readonly holdings: Holdings;
  readonly explainer: Explainer;
  readonly reviews: Reviews;
  private readonly admission: Admission;
  private readonly standings: Standings;
  private readonly deadlines: Deadlines;
  private readonly memberships: Memberships;
  private readonly grants: Remembered<Actor['grants']>;
  private readonly roleLists = new Map<string, Actor['roles']>();

  constructor(private readonly hub: Hub) {
    const book = new RoleBook();
    this.grants = new Remembered(GRANTS_FOR_MS, GRANTS_KEPT, hub.now);
    this.deadlines = new Deadlines(hub);
    this.standings = new Standings(hub, this.deadlines, standingOf(hub));
    this.admission = new Admission(hub, this.standings);
    this.holdings = new Holdings(hub, book);
    this.roles = new Roles(hub, book, this.holdings);
    this.reviews = new Reviews(hub, this.holdings);
    this.memberships = new Memberships(hub, book, this.holdings);
    this.explainer = new Explainer(hub, this.admission, (orgId, userId) => this.personOf(orgId, userId));
  }

  start(): void {
    const { ports, changes } = this.hub;
    ports.admit = (actor, token, demands, permission) => this.admission.admit(actor, token, demands, permission);
    ports.connect = (actor, token) => this.admission.connect(actor, token);
    ports.entitled = (orgId, feature) => this.admission.entitled(orgId, feature);
    ports.licenseNotice = (orgId) => this.admission.notice(orgId);
    changes.onChange(({ orgId, userId }) => {
      if (userId === null) this.standings.forget(orgId);
    });
    this.memberships.start();
    this.deadlines.start();
  }

  stop(): void {
    this.deadlines.stop();
  }

  /** The actor behind a person's token, with all rights resolved. */
  async actorOf(user: User, { orgId, sessionId }: AccessToken): Promise<Actor> {
    const { held, roles, until } = await this.holdings.rolesAt(orgId, user);
    this.deadlines.set(orgId, user.id, until ?? null);
    return {
      orgId,
      userId: user.id,
      name: user.name,
      sessionId,
      kind: user.kind === 'service' ? 'service' : 'person',
      homeBranchId: user.homeBranchId,
      roles: this.sharedRoles(held.flatMap(({ role }) => (isBuiltIn(role) ? role : []))),
      grants: this.shared(roles),
      ...(until && { rightsUntil: until }),
    };
  }

  /** Gives a role; its sockets and calls follow within two seconds. */
  async grant(orgId: string, userId: string, role: RoleKey, branchId: string | null = null): Promise<void> {
    await this.hub.transact(async () => {
      await this.holdings.put(orgId, userId, { role, branchId });
      await this.hub.changes.record({ orgId, userId, sessionId: null });
    });
  }

  async revoke(orgId: string, userId: string, role: RoleKey): Promise<void> {
    await this.hub.transact(async () => {
      await RoleGrantModel.destroy({ where: { orgId, userId, role } });
      await this.hub.changes.record({ orgId, userId, sessionId: null });
    });
  }

  /** Somebody as he would call, without a session. */
  private async personOf(orgId: string, userId: string): Promise<Actor> {
    const user = await this.hub.use(people).byId(orgId, userId);
    const now = this.hub.now();
    return this.actorOf(user, { orgId, userId, sessionId: '', expiresAt: now, authenticatedAt: now });
  }

  /** People with the same roles at the same branches share what they may do: it is most of what a connection keeps. */
  private shared(roles: readonly RoleAt[]): Actor['grants'] {
    const key = JSON.stringify(roles.map(({ scopes, ...at }) => ({ scopes: [...scopes], ...at })));
    let grants = this.grants.get(key);
    if (!grants) this.grants.set(key, (grants = grantsOf(roles)));
    return grants;
  }

  private sharedRoles(roles: Actor['roles']): Actor['roles'] {
    const key = roles.join();
    const known = this.roleLists.get(key);
    if (known) return known;
    this.roleLists.set(key, roles);
    return roles;
  }
}
