import { catalog } from '@loro/contracts/catalog';
import type {
  ChainLink,
  EffectiveValue,
  EnvironmentEntry,
  SettingChange,
  SettingInfo,
} from '@loro/contracts/configuration-values';
import type { SettingDefinition, SettingLevel } from '@loro/contracts/kit/settings';
import { z } from 'zod';
import { type Actor, allow, type Hub, NotFound, type Page, pageOf, reachOf, variablesOf } from '../../platform';
import type { Neighbours } from './hooks';
import { changeOf, type SettingsStore } from './settings.store';
import { definitionOf, type Explained, type ValuesService } from './values.service';
import { HUB_ORG } from './versions.store';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface EffectiveQuery extends Paged {
  readonly keys?: string | undefined;
  readonly branchId?: string | undefined;
  readonly userId?: string | undefined;
  readonly explain?: boolean | undefined;
}

interface HistoryQuery extends Paged {
  readonly key?: string | undefined;
  readonly level?: SettingLevel | undefined;
  readonly ownerId?: string | undefined;
}

/** Reading settings: what there is, what holds and why, what it was before. */
export class EffectiveService {
  private readonly keys = catalog.flatMap(({ settings }) => Object.keys(settings ?? {})).toSorted();

  constructor(
    private readonly hub: Hub,
    private readonly parts: {
      readonly store: SettingsStore;
      readonly values: ValuesService;
      readonly neighbours: Neighbours;
    },
  ) {}

  async schema(actor: Actor, query: Paged): Promise<Page<SettingInfo>> {
    allow(actor, 'config.read');
    return this.page('config-schema', this.keys, query, async (key) => infoOf(key, definitionOf(key)));
  }

  /** Who does not see the whole organisation sees nothing that concerns its security. */
  async effective(
    actor: Actor,
    { keys, branchId, userId, explain = false, ...page }: EffectiveQuery,
  ): Promise<Page<EffectiveValue>> {
    const { scope } = reachOf(actor, 'config.read');
    if (branchId !== undefined && branchId !== actor.homeBranchId)
      allow(actor, 'config.read', { branchId, what: 'This branch' });
    if (branchId !== undefined && !(await this.hub.ports.hasBranch(actor.orgId, branchId)))
      throw new NotFound('This branch');
    if (userId !== undefined) allow(actor, 'config.read', { userId, what: 'This person' });
    const asked = keys === undefined ? this.keys : [...new Set(keys.split(','))].toSorted();
    for (const key of asked) definitionOf(key);
    const shown = asked.filter((key) => scope === 'org' || definitionOf(key).isSensitive !== true);

    const branchIds = branchId === undefined ? [] : await this.parts.neighbours.chainOf(actor.orgId, branchId);
    const of = { orgId: actor.orgId, branchIds, ...(userId !== undefined && { userId }) };
    return this.page('config-effective', shown, page, async (key) =>
      effectiveOf(key, definitionOf(key), await this.parts.values.explain(key, of), explain),
    );
  }

  async history(actor: Actor, { limit, cursor, key, level, ownerId }: HistoryQuery): Promise<Page<SettingChange>> {
    const { scope, branchIds } = reachOf(actor, 'config.read');
    if (level === 'platform') allow(actor, 'config.write-platform');
    const before = this.hub.cursors.decode('config-history', cursor);
    const reach =
      scope === 'org'
        ? 'TRUE'
        : scope === 'own' || branchIds.size === 0
          ? "level = 'user' AND owner_id = :me"
          : "((level = 'user' AND owner_id = :me) OR (level = 'branch' AND owner_id IN (:branchIds)))";
    const where = [
      'org_id = :orgId',
      reach,
      ...(key === undefined ? [] : ['name = :key']),
      ...(level === undefined ? [] : ['level = :level']),
      ...(ownerId === undefined ? [] : ['owner_id = :ownerId']),
      ...(before ? ['id < :before'] : []),
    ].join(' AND ');
    const orgId = level === 'platform' ? HUB_ORG : actor.orgId;
    const rows = await this.parts.store.changes(
      where,
      { orgId, me: actor.userId, branchIds: [...branchIds], key, level, ownerId, before: before?.[0] },
      limit + 1,
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('config-history', [id]), changeOf);
  }

  async environment(actor: Actor, query: Paged): Promise<Page<EnvironmentEntry>> {
    allow(actor, 'config.read-environment');
    const variables = new Map(variablesOf(this.hub.config).map((one) => [one.name, one]));
    return this.page('config-environment', [...variables.keys()].toSorted(), query, async (name) => {
      const { help = '', source = 'not-set', isSecret = true, value = null } = variables.get(name) ?? {};
      return { name, help, source, isSecret, value };
    });
  }

  /** A page of what fits into memory, in the order of its names. */
  private async page<T>(
    list: string,
    names: readonly string[],
    { limit, cursor }: Paged,
    present: (name: string) => Promise<T>,
  ): Promise<Page<T>> {
    const after = this.hub.cursors.decode(list, cursor)?.[0];
    const rest = names.filter((name) => after === undefined || name > String(after)).slice(0, limit + 1);
    const page = pageOf(
      rest,
      limit,
      (name) => this.hub.cursors.encode(list, [name]),
      (name) => name,
    );
    return { ...page, items: await Promise.all(page.items.map(present)) };
  }
}

const infoOf = (key: string, definition: SettingDefinition): SettingInfo => ({
  key,
  description: definition.description,
  levels: [...definition.levels],
  schema: z.toJSONSchema(definition.schema, { io: 'input', unrepresentable: 'any' }),
  preset: definition.isSecret ? null : definition.preset,
  isSecret: definition.isSecret ?? false,
  isSensitive: definition.isSensitive ?? false,
  hasFloor: definition.isAtLeast !== undefined,
});

function effectiveOf(
  key: string,
  { isSecret }: SettingDefinition,
  { counts, candidates, outcomes, isLocked }: Explained,
  explain: boolean,
): EffectiveValue {
  const shown = (value: unknown) => (isSecret ? null : value);
  const chain = candidates.map(({ isValid: _isValid, value, ...candidate }, at): ChainLink => {
    return { ...candidate, value: candidate.isSet ? shown(value) : null, outcome: outcomes[at] ?? 'not-set' };
  });
  return {
    key,
    value: shown(counts.value),
    last4: counts.last4,
    source: counts.level,
    isLocked,
    ...(explain && { chain }),
  };
}
