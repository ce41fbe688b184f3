import { configurationLive } from '@loro/contracts/configuration';
import type {
  ChangeItem,
  ChangeSet,
  ChangeSetChange,
  NewChangeSet,
  Rollback,
  SettingChange,
} from '@loro/contracts/configuration-values';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import type { ChangeSetStore, StoredSet } from './change-set.store';
import type { Changer, SettingsService, Wanted } from './settings.service';
import { changeOf, type ChangeRow, type SettingsStore } from './settings.store';
import { definitionOf } from './values.service';
import { HUB_ORG } from './versions.store';

/** Several changes at once, now or later: all of them or none. */
export class ChangeSetsService {
  constructor(
    private readonly hub: Hub,
    private readonly store: ChangeSetStore,
    private readonly settings: SettingsService,
    private readonly history: SettingsStore,
  ) {}

  async create(
    changer: Changer,
    { items, applyAt, isDraft, reason }: z.output<typeof NewChangeSet>,
  ): Promise<ChangeSet> {
    const wanted = items.map(wantedOf);
    await this.authorise(changer, wanted);
    const { orgId, userId } = changer.actor;
    const now = this.hub.now();
    const set: StoredSet = {
      orgId,
      id: ulid(now.getTime()),
      state: isDraft || applyAt === undefined ? 'draft' : 'scheduled',
      items: wanted,
      applyAt: applyAt === undefined ? null : new Date(applyAt),
      appliedAt: null,
      reason: reason ?? null,
      createdBy: userId,
      createdAt: now,
      failure: null,
      version: 1,
    };
    return this.hub.transact(async (after) => {
      const saved = { ...set };
      if (isDraft) return this.save(saved, 'created', after);
      if (set.state === 'draft') return this.carryOut(saved, this.settings.by(changer, reason), after);
      await this.save(saved, 'scheduled', after);
      return present(saved);
    });
  }

  async change(
    changer: Changer,
    id: string,
    version: number,
    { items, applyAt, reason }: z.output<typeof ChangeSetChange>,
  ): Promise<ChangeSet> {
    const wanted = items?.map(wantedOf);
    return this.hub.transact(async (after) => {
      const set = await this.open(changer.actor, id, version);
      await this.authorise(changer, [...set.items, ...(wanted ?? [])]);
      if (wanted) set.items = wanted;
      if (reason !== undefined) set.reason = reason;
      if (applyAt !== undefined) {
        set.applyAt = applyAt === null ? null : new Date(applyAt);
        set.state = applyAt === null ? 'draft' : 'scheduled';
        set.failure = null;
      }
      set.version += 1;
      return this.save(set, 'changed', after);
    });
  }

  async apply(changer: Changer, id: string): Promise<ChangeSet> {
    return this.hub.transact(async (after) => {
      const set = await this.open(changer.actor, id);
      await this.authorise(changer, set.items);
      set.version += 1;
      return this.carryOut(set, this.settings.by(changer, set.reason ?? undefined), after);
    });
  }

  async remove(changer: Changer, id: string, version: number): Promise<void> {
    await this.hub.transact(async (after) => {
      const set = await this.open(changer.actor, id, version);
      await this.authorise(changer, set.items);
      await this.store.remove(set.orgId, id);
      after.record({ action: 'change-set.removed', entity: { type: 'change-set', id }, before: present(set) });
    });
  }

  async get(actor: Actor, id: string): Promise<ChangeSet> {
    allow(actor, 'config.write-organisation');
    const set = await this.store.find(actor.orgId, id);
    if (!set) throw new NotFound('This set of changes');
    return present(set);
  }

  async list(
    actor: Actor,
    { limit, cursor, state }: { limit: number; cursor?: string | undefined; state?: ChangeSet['state'] | undefined },
  ): Promise<Page<ChangeSet>> {
    allow(actor, 'config.write-organisation');
    const before = this.hub.cursors.decode('change-sets', cursor)?.[0];
    const sets = await this.store.list(
      actor.orgId,
      state,
      before === undefined ? undefined : String(before),
      limit + 1,
    );
    return pageOf(sets, limit, ({ id }) => this.hub.cursors.encode('change-sets', [id]), present);
  }

  /** Applies what is due; each set for itself, so that a bad one holds up nobody else's. */
  async applyDue(): Promise<void> {
    for (const { orgId, id } of await this.store.due(this.hub.now())) {
      try {
        await this.hub.transact((after) => this.applyScheduled(orgId, id, after));
      } catch (error) {
        if (!(error instanceof HubError) || error.status >= 500) throw error;
        await this.giveBack(orgId, id, error.message);
      }
    }
  }

  /** Sets what was set before a change, or before everything that a set changed. */
  async rollback(
    changer: Changer,
    { changeId, changeSetId, reason }: z.output<typeof Rollback>,
  ): Promise<{ changes: SettingChange[] }> {
    return this.hub.transact(async (after) => {
      const set = changeSetId === undefined ? null : await this.applied(changer.actor, changeSetId);
      const changes = await this.changesOf(changer.actor, changeId, changeSetId);
      const items = changes.map(undo);
      await this.authorise(changer, items);
      const results = await this.settings.apply(items, this.settings.by(changer, reason), after);
      if (set) {
        set.state = 'rolled_back';
        set.version += 1;
        await this.save(set, 'rolled-back', after);
      }
      return { changes: results.map(({ change }) => change) };
    });
  }

  async export(actor: Actor): Promise<{ exportedAt: string; items: ChangeItem[] }> {
    allow(actor, 'config.write-organisation');
    const rows = await this.history.setInOrganisation(actor.orgId);
    await this.hub.transact(async (after) =>
      after.record({ type: 'security_event', action: 'settings.exported', data: { count: rows.length } }),
    );
    return {
      exportedAt: this.hub.now().toISOString(),
      items: rows.map(({ level, ownerId, key, text, isLocked }) => ({
        level,
        ownerId,
        key,
        value: JSON.parse(text) as unknown,
        isLocked,
        isRemoval: false,
      })),
    };
  }

  private async authorise(changer: Changer, items: readonly Wanted[]): Promise<void> {
    for (const item of items) await this.settings.authorise(changer, item);
  }

  /** A set that is not done yet, locked. */
  private async open(actor: Actor, id: string, version?: number): Promise<StoredSet> {
    const set = await this.store.lock(actor.orgId, id);
    if (!set) throw new NotFound('This set of changes');
    if (set.state !== 'draft' && set.state !== 'scheduled')
      throw new Conflict('CHANGE_SET_DONE', 'This set was applied; it can only be rolled back.');
    if (version !== undefined && set.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this set meanwhile.', { current: present(set) });
    return set;
  }

  private async applied(actor: Actor, id: string): Promise<StoredSet> {
    const set = await this.store.lock(actor.orgId, id);
    if (!set) throw new NotFound('This set of changes');
    if (set.state !== 'applied')
      throw new Conflict('CHANGE_SET_DONE', 'Only a set that is applied can be rolled back.');
    return set;
  }

  private async changesOf(
    actor: Actor,
    changeId: string | undefined,
    changeSetId: string | undefined,
  ): Promise<ChangeRow[]> {
    const where = changeId === undefined ? 'change_set_id = :changeSetId' : 'id = :changeId';
    const orgIds = actor.grants.has('config.write-platform') ? [actor.orgId, HUB_ORG] : [actor.orgId];
    const rows = await this.history.changes(`org_id IN (:orgIds) AND ${where}`, { orgIds, changeId, changeSetId }, 200);
    if (rows.length === 0) throw new NotFound('This change');
    return rows;
  }

  private async carryOut(
    set: StoredSet,
    by: Parameters<SettingsService['apply']>[1],
    after: After,
  ): Promise<ChangeSet> {
    set.state = 'applied';
    set.appliedAt = this.hub.now();
    set.failure = null;
    // The changes refer to their set, so it comes first.
    const saved = await this.save(set, 'applied', after);
    await this.settings.apply(set.items, { ...by, changeSetId: set.id }, after);
    return saved;
  }

  private async applyScheduled(orgId: string, id: string, after: After): Promise<void> {
    const set = await this.store.lock(orgId, id);
    if (set?.state !== 'scheduled' || set.applyAt === null || set.applyAt > this.hub.now()) return;
    set.version += 1;
    const { createdBy: actorId, reason } = set;
    await this.carryOut(set, { orgId, actorId, reason, ip: null, homeBranchId: null, changeSetId: id }, after);
  }

  private async giveBack(orgId: string, id: string, failure: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const set = await this.store.lock(orgId, id);
      if (set?.state !== 'scheduled') return;
      set.state = 'draft';
      set.failure = failure.slice(0, 500);
      set.version += 1;
      await this.save(set, 'apply-failed', after);
      const told = { changeSetId: id, failure: set.failure };
      after.publish(configurationLive, 'config:apply-failed', { orgId, id: set.createdBy }, told);
    });
  }

  private async save(set: StoredSet, done: string, after: After): Promise<ChangeSet> {
    const hasSecret = set.items.some(({ key }) => isSecret(key));
    await this.store.save(set, hasSecret);
    const { orgId, id, state, failure } = set;
    const keys = set.items.map(({ key }) => key);
    after.record({
      action: `change-set.${done}`,
      orgId,
      entity: { type: 'change-set', id },
      data: { state, failure, keys },
    });
    return present(set);
  }
}

const wantedOf = ({ isRemoval: _isRemoval, ...item }: ChangeItem): Wanted => item;

// A set may outlive the setting that it names.
const isSecret = (key: string): boolean => {
  try {
    return definitionOf(key).isSecret === true;
  } catch {
    return true;
  }
};

const present = ({ orgId: _orgId, items, applyAt, appliedAt, createdAt, ...set }: StoredSet): ChangeSet => ({
  ...set,
  items: items.map((item) => ({
    ...item,
    value: isSecret(item.key) ? null : item.value,
    isRemoval: item.value === undefined,
  })),
  applyAt: applyAt?.toISOString() ?? null,
  appliedAt: appliedAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});

/** @throws Conflict CONFIG_NOT_REVERSIBLE for a secret, of which only a fingerprint is kept */
function undo(row: ChangeRow): Wanted {
  const { key, level, ownerId, wasLocked, before } = changeOf(row);
  if (row.isSecret === 1 && row.beforeHash !== null)
    throw new Conflict('CONFIG_NOT_REVERSIBLE', `${key} is a secret; set the earlier one again.`);
  return { key, level, ownerId, value: before, isLocked: wasLocked };
}
