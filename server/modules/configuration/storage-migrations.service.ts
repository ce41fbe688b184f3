import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Migration, migrateStorage } from '@loro/contracts/storage-targets';
import {
  type Actor,
  allow,
  Conflict,
  digest,
  type FileStore,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  ulid,
} from '../../platform';
import type { StorageTargetStore, StoredMigration } from './storage-target.store';
import type { StorageTargetsService } from './storage-targets.service';

/** As many files are copied in one run of the job; the next run goes on. */
const AT_ONCE = 50;
const LIST_AHEAD = AT_ONCE + 1;

/** Copies the files of one target to another, in the order of their names, and goes on where a worker died. */
export class StorageMigrationsService {
  constructor(
    private readonly hub: Hub,
    private readonly rows: StorageTargetStore,
    private readonly targets: StorageTargetsService,
  ) {}

  async start(actor: Actor, fromId: string, toId: string): Promise<Migration> {
    allow(actor, 'integrations.manage');
    const { orgId } = actor;
    for (const id of [fromId, toId]) if (!(await this.rows.find(orgId, id))) throw new NotFound('This storage target');
    if (fromId === toId)
      throw new HubError('VALIDATION_FAILED', 'Files are copied to another target.', {
        errors: [{ path: 'toId', code: 'same', message: 'is where the files are' }],
      });
    const migration: StoredMigration = {
      orgId,
      id: ulid(this.hub.now().getTime()),
      fromId,
      toId,
      state: 'running',
      copied: 0,
      bytes: 0,
      upTo: null,
      failure: null,
      startedAt: this.hub.now(),
      finishedAt: null,
    };
    return this.hub.transact(async (after) => {
      await this.rows
        .startMigration(migration)
        .catch(onDuplicate((cause) => new Conflict('MIGRATION_RUNNING', 'Its files are being copied.', { cause })));
      after.enqueue(migrateStorage, { orgId, migrationId: migration.id });
      after.record({
        action: 'storage-target.migration-started',
        entity: { type: 'storage-target', id: fromId },
        data: { toId, migrationId: migration.id },
      });
      return present(migration);
    });
  }

  async get(actor: Actor, fromId: string, id: string): Promise<Migration> {
    allow(actor, 'integrations.manage');
    const migration = await this.rows.migration(actor.orgId, id);
    if (!migration || migration.fromId !== fromId) throw new NotFound('This migration');
    return present(migration);
  }

  /** One run of the job. Safe to run twice: a file that is there is written again, and the place is moved once. */
  async goOn(orgId: string, id: string): Promise<void> {
    const found = await this.rows.migration(orgId, id);
    if (found?.state !== 'running') return;
    const [from, to] = await Promise.all([
      this.targets.placeOf(orgId, found.fromId),
      this.targets.placeOf(orgId, found.toId),
    ]);
    if (!from || !to) return;
    let migration: StoredMigration = found;
    const keys = await from.store.list(migration.upTo, LIST_AHEAD);
    for (const key of keys.slice(0, AT_ONCE)) {
      const bytes = await copy(from.store, to.store, key);
      const change = { copied: migration.copied + 1, bytes: migration.bytes + bytes, upTo: key };
      // Another worker goes on with it already.
      if (!(await this.rows.advance(migration, change))) return;
      migration = { ...migration, ...change };
    }
    const rest = migration;
    await this.hub.transact(async (after) => {
      if (keys.length > AT_ONCE) {
        after.enqueue(migrateStorage, { orgId, migrationId: id });
        return;
      }
      const { fromId, toId, copied } = rest;
      if (await this.rows.advance(rest, { state: 'done', finishedAt: this.hub.now() }))
        after.record({
          type: 'system_event',
          action: 'storage-target.migrated',
          orgId,
          entity: { type: 'storage-target', id: fromId },
          data: { toId, copied },
        });
    });
  }

  async giveUp(orgId: string, id: string, failure: string): Promise<void> {
    const migration = await this.rows.migration(orgId, id);
    if (migration?.state === 'running')
      await this.rows.advance(migration, {
        state: 'failed',
        failure: failure.slice(0, 500),
        finishedAt: this.hub.now(),
      });
  }
}

/** Copies a file by way of this machine, and compares what arrived with what was read. */
async function copy(from: FileStore, to: FileStore, key: string): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'loro-copy-'));
  const file = path.join(folder, 'file');
  try {
    await pipeline(await from.get(key), createWriteStream(file));
    const source = await digest(createReadStream(file));
    await to.put(key, createReadStream(file), { type: 'application/octet-stream', size: source.size });
    const arrived = await digest(await to.get(key));
    if (arrived.sha256 !== source.sha256) throw new Error(`the copy of ${key} differs from the original`);
    return source.size;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const present = ({ orgId: _orgId, startedAt, finishedAt, ...migration }: StoredMigration): Migration => ({
  ...migration,
  startedAt: startedAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
});
