import path from 'node:path';
import type { ProbeResult, Rotation } from '@loro/contracts/integrations';
import type {
  FileKind,
  NewStorageTarget,
  StoragePlace,
  StorageTarget,
  StorageTargetChange,
} from '@loro/contracts/storage-targets';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  AzureStore,
  Conflict,
  type FileStore,
  type Hub,
  HubError,
  LocalStore,
  NotFound,
  type Page,
  pageOf,
  probeStore,
  S3Store,
  ulid,
} from '../../platform';
import { ForeignKeyConstraintError } from 'sequelize';
import type { SecretsStore } from './secrets.store';
import { targetOf, type StorageTargetStore, type StoredTarget } from './storage-target.store';

/** Where files of a kind go, and what may go there. */
export interface FilePlace {
  readonly store: FileStore;
  /** Null for the hub's own folder, where an organisation named nothing else. */
  readonly target: StorageTarget | null;
}

/** Where an organisation keeps its files. */
export class StorageTargetsService {
  constructor(
    private readonly hub: Hub,
    private readonly rows: StorageTargetStore,
    private readonly secrets: SecretsStore,
  ) {}

  async create(actor: Actor, { secret, ...given }: z.output<typeof NewStorageTarget>): Promise<StorageTarget> {
    allow(actor, 'integrations.manage');
    const { orgId } = actor;
    const now = this.hub.now();
    return this.hub.transact(async (after) => {
      const row: StoredTarget = {
        ...given,
        orgId,
        id: ulid(now.getTime()),
        secretId: secret === undefined ? null : await this.secrets.keep(orgId, secret),
        state: 'untested',
        lastCheckAt: null,
        lastError: null,
        createdAt: now,
        version: 1,
      };
      await this.rows.save(row);
      return this.note('created', row, undefined, after);
    });
  }

  async change(
    actor: Actor,
    id: string,
    version: number,
    change: z.output<typeof StorageTargetChange>,
  ): Promise<StorageTarget> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, id, version);
      const before = await this.present(row);
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      Object.assign(row, given, { version: version + 1 });
      if (change.place) Object.assign(row, { state: 'untested', lastError: null });
      await this.rows.save(row);
      return this.note('changed', row, before, after);
    });
  }

  async rotate(actor: Actor, id: string, { secret, overlapHours }: z.output<typeof Rotation>): Promise<StorageTarget> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, id);
      const before = await this.present(row);
      if (row.secretId === null) row.secretId = await this.secrets.keep(row.orgId, secret);
      else await this.secrets.rotate(row.orgId, row.secretId, secret, overlapHours);
      row.version += 1;
      await this.rows.save(row);
      return this.note('secret-rotated', row, before, after);
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await this.lock(actor, id, version);
      await this.note('removed', row, await this.present(row), after);
      await this.rows.remove(row.orgId, id).catch((cause: unknown) => {
        if (!(cause instanceof ForeignKeyConstraintError)) throw cause;
        throw new Conflict('STORAGE_IN_USE', `${row.kinds.join(' and ')} go to this target.`, { cause });
      });
      if (row.secretId !== null) await this.secrets.remove(row.orgId, row.secretId);
    });
  }

  /** Writes, reads back and deletes a file. No transaction is open meanwhile. */
  async test(actor: Actor, id: string): Promise<ProbeResult> {
    const row = await this.find(actor, id);
    const detail = await this.probe(row);
    const isOk = detail === null;
    return this.hub.transact(async (after) => {
      const now = await this.lock(actor, id);
      // Another place or secret since then: the answer says nothing about it.
      if (now.version === row.version) {
        Object.assign(now, { state: isOk ? 'ok' : 'failing', lastCheckAt: this.hub.now(), lastError: detail });
        await this.rows.save(now);
        after.record({
          action: 'storage-target.tested',
          outcome: isOk ? 'success' : 'failure',
          entity: { type: 'storage-target', id },
        });
      }
      return { isOk, detail: detail ?? 'a file was written, read and deleted', state: now.state };
    });
  }

  async get(actor: Actor, id: string): Promise<StorageTarget> {
    return this.present(await this.find(actor, id));
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<StorageTarget>> {
    allow(actor, 'integrations.manage');
    const after = this.hub.cursors.decode('storage-targets', cursor)?.[0];
    const rows = await this.rows.list(actor.orgId, after === undefined ? undefined : String(after), limit + 1);
    const infos = await this.secrets.infoOf(
      actor.orgId,
      rows.map(({ secretId }) => secretId),
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('storage-targets', [id]),
      (row) => targetOf(row, infos.get(row.secretId ?? '')),
    );
  }

  /** Where files of this kind go from now. */
  async placeFor(orgId: string, kind: FileKind): Promise<FilePlace> {
    const row = await this.rows.routed(orgId, kind);
    if (!row) return this.ownFolder(orgId);
    return { target: await this.present(row), store: await this.open(row) };
  }

  /** The hub's own folder, where an organisation named nothing else. */
  ownFolder(orgId: string): FilePlace {
    return { target: null, store: this.local(orgId, '') };
  }

  /** Where files of an earlier target lie; null for one that was removed. */
  async placeOf(orgId: string, id: string): Promise<FilePlace | null> {
    const row = await this.rows.find(orgId, id);
    return row ? { target: await this.present(row), store: await this.open(row) } : null;
  }

  /** The files of a target that was read before. */
  async open({ orgId, place, secretId }: StoredTarget): Promise<FileStore> {
    const credentials = await this.secrets.open(orgId, secretId);
    return this.storeOf(orgId, place, credentials?.secret ?? '');
  }

  private storeOf(orgId: string, place: StoragePlace, secret: string): FileStore {
    const { outgoing } = this.hub;
    switch (place.driver) {
      case 'local':
        return this.local(orgId, place.prefix);
      case 's3':
        return new S3Store({ ...place, secretAccessKey: secret }, outgoing);
      case 'gcs':
        return new S3Store({ ...place, secretAccessKey: secret, encryption: 'none', kmsKeyId: null }, outgoing);
      case 'azure':
        return new AzureStore({ ...place, container: place.bucket, signature: secret }, outgoing);
    }
  }

  /** Each organisation has a folder of its own, whatever prefix it names. */
  private local(orgId: string, prefix: string): FileStore {
    return new LocalStore(path.join(path.resolve(this.hub.config.FILES_DIR), orgId, prefix));
  }

  private async probe(row: StoredTarget): Promise<string | null> {
    try {
      await probeStore(await this.open(row));
      return null;
    } catch (error) {
      return (error instanceof Error ? error.message : 'did not answer').slice(0, 500);
    }
  }

  private async find(actor: Actor, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<StoredTarget> {
    allow(actor, 'integrations.manage');
    const row = await this.rows.find(actor.orgId, id, lock);
    if (!row) throw new NotFound('This storage target');
    return row;
  }

  private async lock(actor: Actor, id: string, version?: number): Promise<StoredTarget> {
    const row = await this.find(actor, id, 'FOR UPDATE');
    if (version !== undefined && row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this storage target meanwhile.', {
        current: await this.present(row),
      });
    return row;
  }

  private async present(row: StoredTarget): Promise<StorageTarget> {
    const infos = await this.secrets.infoOf(row.orgId, [row.secretId]);
    return targetOf(row, infos.get(row.secretId ?? ''));
  }

  private async note(
    done: string,
    row: StoredTarget,
    before: StorageTarget | undefined,
    after: After,
  ): Promise<StorageTarget> {
    const target = await this.present(row);
    after.record({
      type: 'security_event',
      action: `storage-target.${done}`,
      entity: { type: 'storage-target', id: row.id },
      ...(before && { before }),
      ...(done !== 'removed' && { after: target }),
    });
    return target;
  }
}
