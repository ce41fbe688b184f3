import type { Organisation, User } from '@loro/contracts/people';
import { type Actor, allow, type Hub, NotFound, type Page, pageOf, Remembered, type Seen } from '../../platform';
import { OrganisationModel } from './organisation.model';
import type { PeopleHooks } from './hooks';
import { PeopleStore } from './people.store';
import { UserModel } from './user.model';

const NAMES_FOR_MS = 30_000;
const NAMES_KEPT = 50_000;
const SEEN_AT_ONCE = 500;

interface UserQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly status?: User['status'] | undefined;
  readonly branchId?: string | undefined;
  readonly q?: string | undefined;
}

export class PeopleService {
  private readonly names: Remembered<string>;
  private readonly store: PeopleStore;
  private readonly hooks: PeopleHooks[] = [];

  constructor(private readonly hub: Hub) {
    this.names = new Remembered(NAMES_FOR_MS, NAMES_KEPT, hub.now);
    this.store = new PeopleStore(hub);
  }

  /** Rooms of higher floors tell what they do when something happens to a person; in the order of their floors. */
  hook(hooks: PeopleHooks): void {
    this.hooks.push(hooks);
  }

  async organisation(actor: Actor): Promise<Organisation> {
    allow(actor, 'people.read', { orgId: actor.orgId });
    return this.organisationOf(actor.orgId);
  }

  async list(actor: Actor, { limit, cursor, status, branchId, q }: UserQuery): Promise<Page<User>> {
    allow(actor, 'people.read');
    const after = this.hub.cursors.decode('users', cursor);
    const filter = {
      orgId: actor.orgId,
      status,
      branchId,
      nameLike: q === undefined ? undefined : `%${q.replace(/[\\%_]/g, '\\$&')}%`,
      after: after ? ([String(after[0]), String(after[1])] as const) : undefined,
    };
    const people = await this.store.byName(filter, limit + 1);
    return pageOf(
      people,
      limit,
      ({ name, id }) => this.hub.cursors.encode('users', [name, id]),
      (user) => user,
    );
  }

  async get(actor: Actor, userId: string): Promise<User> {
    allow(actor, 'people.read');
    return this.byId(actor.orgId, userId);
  }

  /** For other rooms, which have asked their own permission. @throws NotFound */
  async byId(orgId: string, userId: string): Promise<User> {
    const user = await this.store.byId(orgId, userId);
    if (!user) throw new NotFound('This person');
    return user;
  }

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
    const rows = await UserModel.findAll({ where: { email: email.normalize('NFC').toLowerCase() }, order: ['orgId'] });
    return Promise.all(
      rows.map(async (row) => ({ user: row.toContract(), organisation: await this.organisationOf(row.orgId) })),
    );
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

  /** @throws NotFound */
  async organisationOf(orgId: string): Promise<Organisation> {
    const row = await OrganisationModel.findByPk(orgId);
    if (!row) throw new NotFound('This organisation');
    return row.toContract();
  }
}
