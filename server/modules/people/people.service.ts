import type { Organisation, User } from '@loro/contracts/people';
import { type After, type Hub, Remembered, type Seen } from '../../platform';
import { DirectoryService } from './directory.service';
import { HookBook, type PeopleHooks } from './hooks';
import { ImportService } from './import.service';
import { ImportJobs } from './import-jobs.service';
import { ImportStore } from './import.store';
import { InvitationsService, normalAddress } from './invitations.service';
import { ManagersService } from './managers.service';
import { type NewOrganisation, type NewOwner, OrganisationService } from './organisation.service';
import { OrganisationModel } from './organisation.model';
import { OwnershipService } from './ownership.service';
import { PeopleStore } from './people.store';
import { PersonService } from './person.service';
import { PrivacyService } from './privacy.service';
import { ServiceAccounts } from './service-accounts';
import { maySignIn } from './standing.policy';
import { StandingService } from './standing.service';
import { TeamsService } from './teams.service';
import { TeamsStore } from './teams.store';
import { UserModel } from './user.model';
import { UsersStore } from './users.store';

const NAMES_FOR_MS = 30_000;
const NAMES_KEPT = 50_000;
const SEEN_AT_ONCE = 500;

/** The room's door: what it does for callers, by subject, and what it tells other rooms. */
export class PeopleService {
  readonly serviceAccounts: ServiceAccounts;
  readonly directory: DirectoryService;
  readonly organisations: OrganisationService;
  readonly ownership: OwnershipService;
  readonly invitations: InvitationsService;
  readonly standing: StandingService;
  readonly persons: PersonService;
  readonly teams: TeamsService;
  readonly imports: ImportService;
  readonly importJobs: ImportJobs;
  readonly privacy: PrivacyService;
  private readonly names: Remembered<string>;
  private readonly store: PeopleStore;
  private readonly users: UsersStore;
  private readonly hooks = new HookBook();

  constructor(private readonly hub: Hub) {
    const { hooks } = this;
    this.users = new UsersStore(hub);
    const { users } = this;
    const managers = new ManagersService();
    const forgetName = (orgId: string, userId: string) => this.names.delete(`${orgId}:${userId}`);
    this.names = new Remembered(NAMES_FOR_MS, NAMES_KEPT, hub.now);
    this.store = new PeopleStore(hub);
    this.serviceAccounts = new ServiceAccounts(hub);
    this.directory = new DirectoryService(hub, this.store, hooks);
    this.organisations = new OrganisationService(hub, users, hooks);
    this.ownership = new OwnershipService(hub, { users, hooks, organisations: this.organisations });
    this.invitations = new InvitationsService(hub, { users, hooks, managers });
    this.standing = new StandingService(hub, users, hooks);
    const { directory, standing } = this;
    this.persons = new PersonService(hub, { users, hooks, managers, directory, forgetName });
    this.teams = new TeamsService(hub, users, new TeamsStore());
    this.imports = new ImportService(hub, { users, hooks, store: new ImportStore() });
    this.importJobs = new ImportJobs(hub, this.imports);
    this.privacy = new PrivacyService(hub, { users, hooks, directory, standing, forgetName });
  }

  /** Rooms of higher floors tell what they do when something happens to a person; in the order of their floors. */
  hook(hooks: PeopleHooks): void {
    this.hooks.add(hooks);
  }

  /** Who has a role now, as the room that keeps roles knows it. */
  holdersOf(orgId: string, role: string): Promise<string[]> {
    return this.hooks.withRole(orgId, role);
  }

  /** A new organisation with its owner, in the caller's transaction. */
  found(
    organisation: NewOrganisation,
    owner: NewOwner,
    after: After,
  ): Promise<{ organisation: Organisation; owner: User }> {
    return this.organisations.found(organisation, owner, after);
  }

  /** The invitation was accepted or the address verified, in the caller's transaction. @throws Conflict USER_STATE_INVALID */
  activate(orgId: string, userId: string, after: After, name?: string): Promise<User> {
    return this.invitations.activate(orgId, userId, after, name);
  }

  /** The person confirmed a new address, in the caller's transaction. @throws Conflict EMAIL_TAKEN */
  changeEmail(orgId: string, userId: string, email: string, after: After): Promise<User> {
    return this.persons.changeEmail(orgId, userId, email, after);
  }

  /** In the caller's transaction: somebody's home, as the room that keeps branches says. */
  rehome(orgId: string, userId: string, homeBranchId: string | null, after: After): Promise<User> {
    return this.persons.rehome(orgId, userId, homeBranchId, after);
  }

  /** For other rooms, which have asked their own permission; in a transaction as that one sees it. @throws NotFound */
  byId(orgId: string, userId: string): Promise<User> {
    return this.directory.byId(orgId, userId);
  }

  /** @throws NotFound */
  organisationOf(orgId: string): Promise<Organisation> {
    return this.organisations.byId(orgId);
  }

  /** Whom the scope `team` lets somebody see beside himself: who belongs to teams that he leads, and everybody below him. */
  teamOf(orgId: string, userId: string): Promise<string[]> {
    return this.store.teamOf(orgId, userId, this.hub.now());
  }

  /**
   * How many people take a seat of the plan: all but who was deactivated. In the caller's transaction it counts what
   * that one did, and nobody comes or goes until its end.
   */
  seatsOf(orgId: string): Promise<number> {
    return this.users.seats(orgId);
  }

  /** Whether somebody may sign in and act: of an organisation that was closed, the owner alone, to undo that. */
  maySignIn(user: User, organisation: Organisation): boolean {
    return maySignIn(user, organisation);
  }

  /** For streams of branches, whose room stands higher. */
  readonly hasBranch = (orgId: string, branchId: string): Promise<boolean> => this.hub.ports.hasBranch(orgId, branchId);

  /** Names by id, at most half a minute old; unknown ids are left out. */
  async namesOf(orgId: string, userIds: readonly string[]): Promise<Map<string, string>> {
    const missing = userIds.filter((id) => this.names.get(`${orgId}:${id}`) === undefined);
    if (missing.length > 0) {
      for (const { id, name } of await this.store.names(orgId, missing)) this.names.set(`${orgId}:${id}`, name);
    }
    return new Map(
      userIds.flatMap((id) => {
        const name = this.names.get(`${orgId}:${id}`);
        return name === undefined ? [] : [[id, name] as const];
      }),
    );
  }

  /** Everybody who signs in with this address; one person may belong to several organisations. */
  async byEmail(email: string): Promise<{ user: User; organisation: Organisation }[]> {
    const rows = await UserModel.findAll({ where: { email: normalAddress(email) }, order: ['orgId'] });
    const organisations = await OrganisationModel.findAll({ where: { id: rows.map(({ orgId }) => orgId) } });
    const byId = new Map(organisations.map((row) => [row.id, row.toContract()]));
    return rows.flatMap((row) => {
      const organisation = byId.get(row.orgId);
      return organisation ? [{ user: row.toContract(), organisation }] : [];
    });
  }

  /** Remembers when people were last connected; of several nodes that saw somebody in one minute, the first counts. */
  async noteSeen(seen: readonly Seen[]): Promise<void> {
    const byOrganisation = new Map<string, Seen[]>();
    for (const one of seen) byOrganisation.set(one.orgId, [...(byOrganisation.get(one.orgId) ?? []), one]);
    for (const [orgId, people] of [...byOrganisation].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const ids = people.map(({ userId }) => userId).toSorted();
      for (let from = 0; from < ids.length; from += SEEN_AT_ONCE)
        await this.store.seen(orgId, ids.slice(from, from + SEEN_AT_ONCE), people[0]?.at ?? this.hub.now());
    }
  }
}
