import { type SettingKey, settingRegistry, type SettingValue } from '@loro/contracts/catalog';
import { HUB } from '@loro/contracts/configuration';

import type { SettingDefinition } from '@loro/contracts/kit/settings';
import { type Hub, HubError } from '../../platform';
import { SettingsCache } from './settings.cache';
import { type Candidate, resolve, type Resolved } from './settings.policy';
import { type ConfigVersions, HUB_ORG } from './versions.store';

/** For whom a setting is asked. `branchIds` is a branch, then those above it, nearest first. */
export interface SettingScope {
  readonly orgId: string;
  readonly branchIds?: readonly string[];
  readonly userId?: string;
}

export interface Explained extends Resolved {
  readonly candidates: readonly [Candidate, ...Candidate[]];
}

const ORGANISATIONS_KEPT = 5_000;
const NOTHING: ReadonlyMap<string, Candidate> = new Map();
const unset = { isSet: false, isValid: false, value: undefined, last4: null, isLocked: false, version: 0 } as const;

/** What holds for somebody; answered from memory, and at most two seconds old. */
export class ValuesService {
  private readonly cache: SettingsCache;
  /** What holds for whole organisations, by organisation and setting. */
  private readonly resolved = new Map<string, Map<string, unknown>>();
  /** Counts what was forgotten: what was read before must not be remembered after. */
  private forgotten = 0;
  private readonly environment: Readonly<Record<string, unknown>>;

  constructor(hub: Hub, versions: ConfigVersions) {
    this.cache = new SettingsCache(hub);
    this.environment = hub.config.LORO_SETTINGS;
    versions.onChange((orgId) => this.forget(orgId));
  }

  /** What holds for an organisation, where that is remembered: for what every request asks. */
  known<K extends SettingKey>(key: K, orgId: string): SettingValue<K> | undefined {
    // Whatever was remembered was parsed by the schema that the type is read off.
    return this.resolved.get(orgId)?.get(key) as SettingValue<K> | undefined;
  }

  async value<K extends SettingKey>(key: K, scope: SettingScope): Promise<SettingValue<K>> {
    const { orgId, branchIds = [], userId } = scope;
    const isOfAll = branchIds.length === 0 && userId === undefined;
    const known = isOfAll ? this.known(key, orgId) : undefined;
    if (known !== undefined) return known;
    const { forgotten } = this;
    const { counts } = await this.explain(key, scope);
    if (isOfAll && forgotten === this.forgotten) {
      if (this.resolved.size >= ORGANISATIONS_KEPT) this.resolved.clear();
      const of = this.resolved.get(orgId) ?? new Map<string, unknown>();
      this.resolved.set(orgId, of.set(key, counts.value));
    }
    // As above.
    return counts.value as SettingValue<K>;
  }

  private forget(orgId: string): void {
    this.forgotten += 1;
    this.cache.forget(orgId);
    if (orgId === HUB_ORG) this.resolved.clear();
    else this.resolved.delete(orgId);
  }

  /**
   * @param pending what the caller's own transaction has set so far, which memory does not know
   * @throws HubError CONFIG_UNKNOWN_KEY
   */
  async explain(
    key: string,
    { orgId, branchIds = [], userId }: SettingScope,
    pending: ReadonlyMap<string, Candidate> = NOTHING,
  ): Promise<Explained> {
    const definition = definitionOf(key);
    const owners = [
      [HUB_ORG, 'platform', HUB],
      [orgId, 'organisation', orgId],
      ...branchIds.toReversed().map((id) => [orgId, 'branch', id] as const),
      ...(userId === undefined ? [] : [[orgId, 'user', userId] as const]),
    ] as const;
    const stored: Candidate[] = [];
    for (const [org, level, ownerId] of owners) {
      if (!definition.levels.includes(level)) continue;
      const found = pending.get(`${level} ${ownerId} ${key}`) ?? (await this.cache.find(org, level, ownerId, key));
      stored.push(found ?? { ...unset, level, ownerId });
    }
    const candidates = [defaultOf(definition), this.environmentOf(key), ...stored] as const;
    return { candidates, ...resolve(definition, candidates) };
  }

  private environmentOf(key: string): Candidate {
    const isSet = key in this.environment;
    const value = this.environment[key];
    return { ...unset, level: 'environment', ownerId: null, isSet, isValid: isSet, value };
  }
}

/** @throws HubError CONFIG_UNKNOWN_KEY */
export function definitionOf(key: string): SettingDefinition {
  const definition = Object.hasOwn(settingRegistry, key) ? settingRegistry[key] : undefined;
  if (!definition) throw new HubError('CONFIG_UNKNOWN_KEY', `There is no setting named ${key}.`);
  return definition;
}

const defaultOf = ({ preset }: SettingDefinition): Candidate => ({
  ...unset,
  level: 'default',
  ownerId: null,
  isSet: true,
  isValid: true,
  value: preset,
});
