import { configurationLive, tellOrganisations } from '@loro/contracts/configuration';
import type { FeatureFlag, FlagChange, FlagRule, FlagUsage, NewFlag } from '@loro/contracts/flags';
import { QueryTypes } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { cycleIn, isStale } from './flags.policy';
import { FLAG_COLUMNS, flagOf, type FlagRow, type FlagsStore } from './flags.store';
import { noted } from './settings.notes';
import { type ConfigVersions, HUB_ORG } from './versions.store';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Making and changing the flags of the hub. */
export class FlagBookService {
  constructor(
    private readonly hub: Hub,
    private readonly store: FlagsStore,
    private readonly versions: ConfigVersions,
  ) {}

  /** Who does not make flags sees those that concern an organisation: open to clients, or its own to switch. */
  async list(
    actor: Actor,
    { limit, cursor, isArchived = false }: Paged & { isArchived?: boolean | undefined },
  ): Promise<Page<FeatureFlag>> {
    allow(actor, 'flags.read');
    const after = this.hub.cursors.decode('flags', cursor)?.[0];
    const flags = [...(await this.store.all()).values()]
      .filter((flag) => (flag.archivedAt !== null) === isArchived && isFor(actor, flag))
      .filter(({ key }) => after === undefined || key > String(after))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
    return pageOf(
      flags.slice(0, limit + 1),
      limit,
      ({ key }) => this.hub.cursors.encode('flags', [key]),
      (flag) => flag,
    );
  }

  async get(actor: Actor, key: string): Promise<FeatureFlag> {
    allow(actor, 'flags.read');
    const flag = (await this.store.all()).get(key);
    if (!flag || !isFor(actor, flag)) throw new NotFound('This flag');
    return flag;
  }

  async create(actor: Actor, given: z.output<typeof NewFlag>): Promise<FeatureFlag> {
    allow(actor, 'flags.manage');
    const now = this.hub.now();
    const flag: FeatureFlag = {
      ...given,
      id: ulid(now.getTime()),
      ownerId: actor.userId,
      createdAt: now.toISOString(),
      archivedAt: null,
      version: 1,
    };
    return this.hub.transact(async (after) => {
      await this.versions.bump(HUB_ORG);
      await this.mustHold(flag);
      await this.insert(flag, actor.orgId).catch(
        onDuplicate((cause) => new Conflict('FLAG_EXISTS', `There is a flag named ${flag.key}.`, { cause })),
      );
      return this.announce('created', flag, undefined, after);
    });
  }

  async change(actor: Actor, key: string, version: number, change: z.output<typeof FlagChange>): Promise<FeatureFlag> {
    return this.update(actor, key, 'changed', (flag) => {
      if (flag.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this flag meanwhile.', { current: flag });
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      return { ...flag, ...given };
    });
  }

  async addRule(
    actor: Actor,
    key: string,
    { rule, before }: { rule: FlagRule; before?: number | undefined },
  ): Promise<FeatureFlag> {
    return this.update(actor, key, 'changed', (flag) => ({
      ...flag,
      rules: flag.rules.toSpliced(before ?? flag.rules.length, 0, rule),
    }));
  }

  async archive(actor: Actor, key: string): Promise<FeatureFlag> {
    return this.update(actor, key, 'archived', (flag) => ({
      ...flag,
      archivedAt: flag.archivedAt ?? this.hub.now().toISOString(),
    }));
  }

  async remove(actor: Actor, key: string, version: number): Promise<void> {
    allow(actor, 'flags.manage');
    await this.hub.transact(async (after) => {
      await this.versions.bump(HUB_ORG);
      const flags = await this.read();
      const flag = flags.get(key);
      if (!flag) throw new NotFound('This flag');
      if (flag.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this flag meanwhile.', { current: flag });
      const user = [...flags.values()].find(({ prerequisites }) => prerequisites.some((one) => one.flag === key));
      if (user) throw new Conflict('FLAG_IN_USE', `${user.key} needs ${key}.`);
      await this.hub.sequelize.query('DELETE FROM flags WHERE id = ?', { replacements: [flag.id] });
      after.record({ action: 'flag.removed', entity: { type: 'flag', id: flag.id }, before: noted(flag) });
      after.enqueue(tellOrganisations, { settings: [], flags: [key], after: null });
    });
  }

  async usage(actor: Actor, key: string, { limit, cursor }: Paged): Promise<Page<FlagUsage>> {
    allow(actor, 'flags.manage');
    const before = this.hub.cursors.decode('flag-usage', cursor)?.[0];
    const rows = await this.hub.select<{ hour: Date; answer: string; n: number }>(
      `SELECT hour, answer, n FROM flag_usage_hourly WHERE flag_key = :key AND hour IN (SELECT hour FROM (
         SELECT DISTINCT hour FROM flag_usage_hourly WHERE flag_key = :key ${before === undefined ? '' : 'AND hour < :before'}
         ORDER BY hour DESC LIMIT ${limit + 1}) hours) ORDER BY hour DESC, answer`,
      { key, before: before === undefined ? undefined : new Date(before) },
    );
    const hours = new Map<string, FlagUsage>();
    for (const { hour, answer, n } of rows) {
      const at = hour.toISOString();
      const sum = hours.get(at) ?? { hour: at, on: 0, off: 0, variants: {} };
      if (answer === 'off') hours.set(at, { ...sum, off: sum.off + n });
      else {
        const variants = answer === 'on' ? sum.variants : { ...sum.variants, [answer.slice(1)]: n };
        hours.set(at, { ...sum, on: sum.on + n, variants });
      }
    }
    return pageOf(
      [...hours.values()],
      limit,
      ({ hour }) => this.hub.cursors.encode('flag-usage', [hour]),
      (sum) => sum,
    );
  }

  /** Tells each owner once of flags that outlived their type. */
  async tellStale(): Promise<void> {
    const rows = await this.hub.select<FlagRow & { ownerOrgId: string }>(
      `SELECT ${FLAG_COLUMNS}, f.owner_org_id AS ownerOrgId FROM flags f WHERE f.stale_told_at IS NULL AND f.archived_at IS NULL`,
    );
    const now = this.hub.now();
    for (const row of rows) {
      const flag = flagOf(row);
      if (!isStale(flag, now)) continue;
      await this.hub.transact(async (after) => {
        const [, told] = await this.hub.sequelize.query(
          'UPDATE flags SET stale_told_at = :now WHERE id = :id AND stale_told_at IS NULL',
          { type: QueryTypes.UPDATE, replacements: { now, id: flag.id } },
        );
        if (told === 0) return;
        const { key, type, createdAt, ownerId } = flag;
        after.publish(
          configurationLive,
          'flag:stale',
          { orgId: row.ownerOrgId, id: ownerId },
          { key, type, createdAt },
        );
      });
    }
  }

  private async update(
    actor: Actor,
    key: string,
    done: string,
    change: (flag: FeatureFlag) => FeatureFlag,
  ): Promise<FeatureFlag> {
    allow(actor, 'flags.manage');
    return this.hub.transact(async (after) => {
      // Whoever else changes a flag waits here, so that two changes cannot close a circle between them.
      await this.versions.bump(HUB_ORG);
      const before = (await this.read()).get(key);
      if (!before) throw new NotFound('This flag');
      const flag = { ...change(before), version: before.version + 1 };
      await this.mustHold(flag);
      await this.write(flag);
      return this.announce(done, flag, before, after);
    });
  }

  private async announce(
    done: string,
    flag: FeatureFlag,
    before: FeatureFlag | undefined,
    after: After,
  ): Promise<FeatureFlag> {
    after.record({
      action: `flag.${done}`,
      entity: { type: 'flag', id: flag.id },
      ...(before && { before: noted(before) }),
      after: noted(flag),
    });
    after.enqueue(tellOrganisations, { settings: [], flags: [flag.key], after: null });
    return flag;
  }

  /** Weights that add up, prerequisites that exist and end, variants that rules may name. */
  private async mustHold(flag: FeatureFlag): Promise<void> {
    const weights = flag.variants.reduce((sum, { weight }) => sum + weight, 0);
    if (flag.variants.length > 0 && weights !== 1_000)
      throw new HubError('WEIGHTS_NOT_1000', `The weights of the variants are ${weights} together.`);
    const flags = new Map(await this.read()).set(flag.key, flag);
    const wrong = [
      ...flag.prerequisites.flatMap(({ flag: key }, at) =>
        flags.has(key) ? [] : [{ path: `prerequisites.${at}.flag`, code: 'unknown', message: 'is no flag' }],
      ),
      ...flag.rules.flatMap(({ variant }, at) =>
        variant === undefined || flag.variants.some(({ name }) => name === variant)
          ? []
          : [{ path: `rules.${at}.variant`, code: 'unknown', message: 'is no variant of this flag' }],
      ),
    ];
    if (wrong.length > 0)
      throw new HubError('VALIDATION_FAILED', `Wrong: ${wrong.map(({ path }) => path).join(', ')}.`, { errors: wrong });
    const cycle = cycleIn(flags, flag.key);
    if (cycle) throw new Conflict('FLAG_CYCLE', `These wait for each other: ${cycle.join(' → ')}.`);
  }

  private async read(): Promise<Map<string, FeatureFlag>> {
    const rows = await this.hub.select<FlagRow>(`SELECT ${FLAG_COLUMNS} FROM flags f FOR UPDATE`);
    return new Map(rows.map((row) => [row.key, flagOf(row)]));
  }

  private async insert(flag: FeatureFlag, ownerOrgId: string): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO flags (id, flag_key, type, description, is_enabled, is_public, is_tenant_controllable, is_permanent,
         prerequisites, required_feature, expires_on, variants, rules, owner_org_id, owner_id, created_at, version)
       VALUES (:id, :key, :type, :description, :isEnabled, :isPublic, :isTenantControllable, :isPermanent, :prerequisites,
         :requiredFeature, :expiresOn, :variants, :rules, :ownerOrgId, :ownerId, :createdAt, :version)`,
      { replacements: { ...columnsOf(flag), ownerOrgId } },
    );
  }

  private async write(flag: FeatureFlag): Promise<void> {
    await this.hub.sequelize.query(
      `UPDATE flags SET description = :description, is_enabled = :isEnabled, is_public = :isPublic,
         is_tenant_controllable = :isTenantControllable, is_permanent = :isPermanent, prerequisites = :prerequisites,
         required_feature = :requiredFeature, expires_on = :expiresOn, variants = :variants, rules = :rules,
         archived_at = :archivedAt, version = :version WHERE id = :id`,
      { replacements: columnsOf(flag) },
    );
  }
}

const isFor = (actor: Actor, { isPublic, isTenantControllable }: FeatureFlag): boolean =>
  isPublic || isTenantControllable || actor.grants.has('flags.manage');

const columnsOf = (flag: FeatureFlag) => ({
  ...flag,
  prerequisites: JSON.stringify(flag.prerequisites),
  variants: JSON.stringify(flag.variants),
  rules: JSON.stringify(flag.rules),
  expiresOn: flag.expiresOn === null ? null : new Date(flag.expiresOn),
  createdAt: new Date(flag.createdAt),
  archivedAt: flag.archivedAt === null ? null : new Date(flag.archivedAt),
});
