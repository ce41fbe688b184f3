import type { User } from '@loro/contracts/people';
import type { FieldRules, Profile, SeenUser } from '@loro/contracts/people-values';
import { type Actor, allow, type Hub, may, NotFound, type Page, pageOf, reachOf, Remembered } from '../../platform';
import { FieldRulesModel } from './field-rules.model';
import { noRules, shown, type Viewer, withPresets } from './fields.policy';
import type { HookBook } from './hooks';
import type { PeopleFilter, PeopleStore } from './people.store';

/** Rules of one organisation are the same for everybody, and a second old at most. */
const RULES_FOR_MS = 1_000;
const RULES_KEPT = 10_000;

export interface UserQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly status?: User['status'] | undefined;
  readonly branchId?: string | undefined;
  readonly teamId?: string | undefined;
  readonly role?: string | undefined;
  readonly q?: string | undefined;
}

/** Looking people up, and who sees what of them. */
export class DirectoryService {
  private readonly rules: Remembered<FieldRules>;

  constructor(
    private readonly hub: Hub,
    private readonly store: PeopleStore,
    private readonly hooks: HookBook,
  ) {
    this.rules = new Remembered(RULES_FOR_MS, RULES_KEPT, hub.now);
  }

  async list(actor: Actor, query: UserQuery): Promise<Page<SeenUser>> {
    const filter = await this.filterOf(actor, query);
    const [people, rules] = await Promise.all([this.store.byName(filter, query.limit + 1), this.rulesOf(actor.orgId)]);
    return pageOf(
      people,
      query.limit,
      ({ name, id }) => this.hub.cursors.encode('users', [name, id]),
      (user) => shown(user, null, viewerOf(actor, user), rules),
    );
  }

  async get(actor: Actor, userId: string): Promise<SeenUser> {
    allow(actor, 'people.read');
    const found = await this.store.withProfile(actor.orgId, userId);
    if (!found) throw new NotFound('This person');
    allow(actor, 'people.read', { userId, branchId: found.user.homeBranchId, what: 'This person' });
    return this.seen(actor, found.user, found.profile);
  }

  /** Everybody below somebody, nearest first. */
  async reports(
    actor: Actor,
    userId: string,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<SeenUser & { managerId: string; depth: number }>> {
    await this.get(actor, userId);
    const at = this.hub.cursors.decode('reports', cursor);
    const after = at ? ([Number(at[0]), String(at[1]), String(at[2])] as const) : null;
    const rules = await this.rulesOf(actor.orgId);
    const rows = await this.store.below({ orgId: actor.orgId, id: userId }, { limit: limit + 1, after });
    return pageOf(
      rows,
      limit,
      ({ depth, name, id }) => this.hub.cursors.encode('reports', [depth, name, id]),
      ({ depth, ...user }) => ({
        ...shown(user, null, viewerOf(actor, user), rules),
        managerId: user.managerId,
        depth,
      }),
    );
  }

  /** As this actor may see the person; without his profile where it is not asked for. */
  async seen(actor: Actor, user: User, profile: Profile | null): Promise<SeenUser> {
    return shown(user, profile, viewerOf(actor, user), await this.rulesOf(actor.orgId));
  }

  /** @throws NotFound */
  async byId(orgId: string, userId: string): Promise<User> {
    const user = await this.store.byId(orgId, userId);
    if (!user) throw new NotFound('This person');
    return user;
  }

  async readRules(actor: Actor): Promise<FieldRules> {
    allow(actor, 'people.read');
    return this.rulesOf(actor.orgId);
  }

  async setRules(actor: Actor, rules: FieldRules): Promise<FieldRules> {
    allow(actor, 'people.manage-fields');
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await FieldRulesModel.findByPk(orgId, { lock: true });
      await FieldRulesModel.upsert({ orgId, rules: JSON.stringify(rules) });
      after.record({
        action: 'field-rules.changed',
        entity: { type: 'organisation', id: orgId },
        before: row?.toContract() ?? noRules,
        after: rules,
      });
      this.hub.afterCommit(() => this.rules.delete(orgId));
      return withPresets(rules);
    });
  }

  async rulesOf(orgId: string): Promise<FieldRules> {
    const known = this.rules.get(orgId);
    if (known) return known;
    const row = await this.hub.reads.one<{ rules: string }>('SELECT rules FROM field_rules WHERE org_id = ?', [orgId]);
    const stored: FieldRules = row ? JSON.parse(row.rules) : noRules;
    const rules = withPresets(stored);
    this.rules.set(orgId, rules);
    return rules;
  }

  private async filterOf(actor: Actor, query: UserQuery): Promise<PeopleFilter> {
    const { orgId } = actor;
    const { status, branchId, teamId, role, q } = query;
    const reach = reachOf(actor, 'people.read');
    const seesAll = actor.grants.get('people.read-details')?.scope === 'org';
    const isHidden = !seesAll && status !== undefined && status !== 'active';
    const after = this.hub.cursors.decode('users', query.cursor);
    const now = this.hub.now();
    return {
      orgId,
      // Who was suspended or left is for those who may see details.
      status: seesAll ? status : 'active',
      branchId,
      team: teamId === undefined ? undefined : { id: teamId, now },
      like: q === undefined ? undefined : { pattern: `%${q.replace(/[\\%_]/g, '\\$&')}%`, everywhere: seesAll },
      ids: isHidden ? [] : role === undefined ? undefined : await this.hooks.withRole(orgId, role),
      reach:
        reach.scope === 'org'
          ? undefined
          : { branchIds: [...reach.branchIds], userIds: [actor.userId, ...(reach.userIds ?? [])] },
      after: after ? ([String(after[0]), String(after[1])] as const) : undefined,
    };
  }
}

/** How near somebody is to a person's data. */
function viewerOf(actor: Actor, user: User): Viewer {
  if (may(actor, 'people.read-details', { userId: user.id, branchId: user.homeBranchId })) return 'details';
  return user.id === actor.userId ? 'self' : 'colleague';
}
