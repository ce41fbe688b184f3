import { HUB, configurationLive, tellOrganisations } from '@loro/contracts/configuration';
import type { OwnValue, SettingChange } from '@loro/contracts/configuration-values';
import type { SettingDefinition, SettingLevel } from '@loro/contracts/kit/settings';
import {
  type AccessToken,
  type Actor,
  type After,
  allow,
  Conflict,
  fieldErrors,
  Forbidden,
  type Hub,
  HubError,
  NotFound,
} from '../../platform';
import { guards } from './guards.policy';
import type { Neighbours } from './hooks';
import { last4Of } from './secrets.store';
import type { Candidate } from './settings.policy';
import type { NewValue, Occasion, Place, SettingsStore, StoredValue } from './settings.store';
import { noteOf } from './settings.notes';
import { definitionOf, type ValuesService } from './values.service';
import { type ConfigVersions, HUB_ORG } from './versions.store';

/** Who changes something, by what sign-in and from where. */
export interface Changer {
  readonly actor: Actor;
  readonly token: AccessToken;
  readonly ip: string;
}

/** A change that is wanted; `value` undefined takes away what is set. */
export interface Wanted {
  readonly level: SettingLevel;
  readonly ownerId: string;
  readonly key: string;
  readonly value?: unknown;
  readonly isLocked: boolean;
}

interface Applying extends Occasion {
  readonly orgId: string;
  /** From where; null when nobody calls. */
  readonly ip: string | null;
  readonly homeBranchId: string | null;
  /** The version that must still stand. */
  readonly version?: number;
}

/** Changing settings: who may, what must hold, and who is told. */
export class SettingsService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: {
      readonly store: SettingsStore;
      readonly values: ValuesService;
      readonly versions: ConfigVersions;
      readonly neighbours: Neighbours;
    },
  ) {}

  async set(changer: Changer, wanted: Wanted & { reason?: string | undefined }, version: number): Promise<OwnValue> {
    await this.authorise(changer, wanted);
    const [result] = await this.hub.transact((after) =>
      this.apply([wanted], { ...this.by(changer, wanted.reason), version }, after),
    );
    if (!result) throw new Error('a change had no result');
    return result.now;
  }

  async clear(changer: Changer, place: Omit<Wanted, 'value' | 'isLocked'>, version: number): Promise<void> {
    await this.set(changer, { ...place, isLocked: false }, version);
  }

  /** What stands of a person's request in every change it makes. */
  by({ actor, ip }: Changer, reason?: string): Applying {
    const { orgId, userId: actorId, homeBranchId } = actor;
    return { orgId, actorId, homeBranchId, ip, reason: reason ?? null, changeSetId: null };
  }

  /** Whether somebody may change this. @throws NotFound, Forbidden, or 401 for a sensitive setting after a while */
  async authorise({ actor, token }: Changer, { level, ownerId, key }: Pick<Wanted, 'level' | 'ownerId' | 'key'>) {
    await this.mayWrite(actor, level, ownerId);
    const definition = definitionOf(key);
    if (!definition.levels.includes(level))
      throw new Forbidden('CONFIG_LEVEL_NOT_ALLOWED', `${key} cannot be set for a ${level}.`);
    if (definition.isSensitive) await this.hub.ports.admit(actor, token, { freshSignIn: true });
  }

  private async mayWrite(actor: Actor, level: SettingLevel, ownerId: string): Promise<void> {
    switch (level) {
      case 'platform':
        allow(actor, 'config.write-platform');
        if (ownerId !== HUB) throw new NotFound('This owner');
        return;
      case 'organisation':
        if (ownerId !== actor.orgId) throw new NotFound('This organisation');
        allow(actor, 'config.write-organisation');
        return;
      case 'branch':
        allow(actor, 'config.write-branch', { branchId: ownerId, what: 'This branch' });
        if (!(await this.hub.ports.hasBranch(actor.orgId, ownerId))) throw new NotFound('This branch');
        return;
      case 'user':
        allow(actor, 'config.write-user', { userId: ownerId, what: 'This person' });
    }
  }

  /** Makes all changes, or none: in the transaction of `after`. Later ones see what earlier ones set. */
  async apply(
    items: readonly Wanted[],
    applying: Applying,
    after: After,
  ): Promise<{ now: OwnValue; change: SettingChange }[]> {
    const { orgId } = applying;
    // Whoever else changes settings of this organisation waits here, so that versions are compared one after another.
    if (items.some(({ level }) => level === 'platform')) await this.parts.versions.bump(HUB_ORG);
    if (items.some(({ level }) => level !== 'platform')) await this.parts.versions.bump(orgId);

    const pending = new Map<string, Candidate>();
    const results: { now: OwnValue; change: SettingChange }[] = [];
    for (const [at, wanted] of items.entries()) {
      const result = await this.one(wanted, applying, pending, after).catch((error: unknown) => {
        throw items.length > 1 ? inSet(error, at, wanted) : error;
      });
      results.push(result);
    }
    this.tell(items, orgId, after);
    return results;
  }

  private async one(
    wanted: Wanted,
    applying: Applying,
    pending: Map<string, Candidate>,
    after: After,
  ): Promise<{ now: OwnValue; change: SettingChange }> {
    const { level, ownerId, key, isLocked } = wanted;
    const definition = definitionOf(key);
    const value = wanted.value === undefined ? undefined : parsed(definition, wanted.value);
    await this.mustFit(definition, { ...wanted, value }, applying, pending);

    const place: Place = { orgId: applying.orgId, level, ownerId, key };
    const before = await this.parts.store.lock(place);
    this.mustStand(before, applying.version);
    const next: NewValue = {
      text: value === undefined ? null : JSON.stringify(value),
      last4:
        definition.isSecret && value !== undefined
          ? last4Of(typeof value === 'string' ? value : JSON.stringify(value))
          : null,
      isSecret: definition.isSecret ?? false,
      isLocked: value !== undefined && isLocked,
      by: applying.actorId,
    };
    const now = await this.parts.store.write(place, before.version, next);
    const { actorId, reason, changeSetId } = applying;
    const change = await this.parts.store.noteChange(place, before, next, { actorId, reason, changeSetId });
    pending.set(`${level} ${ownerId} ${key}`, {
      level,
      ownerId,
      isSet: value !== undefined,
      isValid: value !== undefined,
      value,
      last4: next.last4,
      isLocked: next.isLocked,
      version: now.version,
    });
    after.record(noteOf(place, definition, change));
    return { now, change };
  }

  /** What must hold of a new value beside its schema: no lock above, not weaker than the platform, nobody locked out. */
  private async mustFit(
    definition: SettingDefinition,
    { level, ownerId, key, value }: Wanted,
    { orgId, ip, homeBranchId, actorId }: Applying,
    pending: ReadonlyMap<string, Candidate>,
  ): Promise<void> {
    const hubWide = await this.parts.values.explain(key, { orgId: HUB_ORG }, pending);
    if (level !== 'platform') {
      const scope = await this.above(orgId, level, ownerId, ownerId === actorId ? homeBranchId : null);
      const above = level === 'organisation' ? hubWide : await this.parts.values.explain(key, scope, pending);
      if (above.isLocked)
        throw new Conflict('CONFIG_LOCKED', `${key} was decided for everybody below the ${above.counts.level}.`);
      if (value !== undefined && definition.isAtLeast?.(value, hubWide.counts.value) === false)
        throw new HubError('BELOW_FLOOR', `${key} must be at least as strict as for the whole hub.`);
    }
    if (value !== undefined && ip !== null) guards[key]?.(value, ip);
  }

  /** Every level above an owner's own. */
  private async above(orgId: string, level: SettingLevel, ownerId: string, homeBranchId: string | null) {
    const { neighbours } = this.parts;
    if (level === 'branch') {
      const chain = await neighbours.chainOf(orgId, ownerId);
      return { orgId, branchIds: chain.filter((id) => id !== ownerId) };
    }
    return { orgId, branchIds: homeBranchId === null ? [] : await neighbours.chainOf(orgId, homeBranchId) };
  }

  private mustStand(before: StoredValue, version: number | undefined): void {
    if (version === undefined || before.version === version) return;
    throw new HubError('VERSION_CONFLICT', 'Somebody changed this setting meanwhile.', {
      current: { version: before.version, isSet: before.isSet, isLocked: before.isLocked },
    });
  }

  /** One event for each owner, with names and no values. */
  private tell(items: readonly Wanted[], orgId: string, after: After): void {
    const owners = new Map<string, { level: SettingLevel; ownerId: string; keys: string[] }>();
    for (const { level, ownerId, key } of items) {
      const owner = `${level} ${ownerId}`;
      owners.set(owner, { level, ownerId, keys: [...(owners.get(owner)?.keys ?? []), key] });
    }
    for (const { level, ownerId, keys } of owners.values()) {
      if (level === 'platform') after.enqueue(tellOrganisations, { settings: keys, flags: [], after: null });
      else after.publish(configurationLive, 'config:changed', { orgId, id: ownerId }, { keys, level, ownerId });
    }
  }
}

function parsed(definition: SettingDefinition, value: unknown): unknown {
  const result = definition.schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error).map((one) => ({
    ...one,
    path: ['value', one.path].filter(Boolean).join('.'),
  }));
  throw new HubError('VALIDATION_FAILED', `Wrong: ${errors.map(({ path }) => path).join(', ')}.`, { errors });
}

/** Says which of several changes was refused. */
function inSet(error: unknown, at: number, { key }: Wanted): unknown {
  if (!(error instanceof HubError)) return error;
  const errors = (error.details.errors ?? []).map((one) => ({ ...one, path: `items.${at}.${one.path}` }));
  return new HubError(error.code, `${key}: ${error.message}`, {
    ...error.details,
    ...(errors.length > 0 && { errors }),
  });
}
