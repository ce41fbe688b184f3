import type { FileKind, Migration, StoragePlace, StorageTarget } from '@loro/contracts/storage-targets';
import { QueryTypes } from 'sequelize';
import type { Hub } from '../../platform';
import type { SecretInfo } from './secrets.store';

/** A storage target as it is kept. */
export interface StoredTarget {
  readonly orgId: string;
  readonly id: string;
  name: string;
  place: StoragePlace;
  kinds: FileKind[];
  secretId: string | null;
  maxFileMb: number;
  mimeAllow: string[];
  urlTtlSec: number;
  quotaBytes: number | null;
  retention: StorageTarget['retention'];
  scanUrl: string | null;
  state: StorageTarget['state'];
  lastCheckAt: Date | null;
  lastError: string | null;
  readonly createdAt: Date;
  version: number;
}

type Row = Omit<StoredTarget, 'place' | 'mimeAllow' | 'kinds'> & {
  place: string;
  mimeAllow: string;
  kinds: string | null;
};

export type StoredMigration = Omit<Migration, 'startedAt' | 'finishedAt'> & {
  readonly orgId: string;
  readonly startedAt: Date;
  finishedAt: Date | null;
};

const COLUMNS = `t.org_id AS orgId, t.id, t.name, t.place, t.secret_id AS secretId, t.max_file_mb AS maxFileMb,
  t.mime_allow AS mimeAllow, t.url_ttl_sec AS urlTtlSec, t.quota_bytes AS quotaBytes, t.retention, t.scan_url AS scanUrl,
  t.state, t.last_check_at AS lastCheckAt, t.last_error AS lastError, t.created_at AS createdAt, t.version,
  (SELECT GROUP_CONCAT(r.kind ORDER BY r.kind) FROM storage_routes r WHERE r.org_id = t.org_id AND r.target_id = t.id) AS kinds`;
const MIGRATION = `org_id AS orgId, id, from_id AS fromId, to_id AS toId, state, copied, bytes, up_to AS upTo, failure,
  started_at AS startedAt, finished_at AS finishedAt`;

// Written by this store from the very types they are read back as.
const read = (row: Row): StoredTarget => ({
  ...row,
  place: JSON.parse(row.place) as StoragePlace,
  mimeAllow: JSON.parse(row.mimeAllow) as string[],
  kinds: row.kinds === null ? [] : (row.kinds.split(',') as FileKind[]),
});

export class StorageTargetStore {
  constructor(private readonly hub: Hub) {}

  async find(orgId: string, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<StoredTarget | null> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM storage_targets t WHERE t.org_id = :orgId AND t.id = :id ${lock}`,
      { orgId, id },
    );
    return row ? read(row) : null;
  }

  async routed(orgId: string, kind: FileKind): Promise<StoredTarget | null> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM storage_targets t WHERE t.org_id = :orgId
       AND t.id = (SELECT target_id FROM storage_routes WHERE org_id = :orgId AND kind = :kind)`,
      { orgId, kind },
    );
    return row ? read(row) : null;
  }

  async list(orgId: string, after: string | undefined, limit: number): Promise<StoredTarget[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM storage_targets t WHERE t.org_id = :orgId ${after ? 'AND t.id > :after' : ''}
       ORDER BY t.id LIMIT ${limit}`,
      { orgId, after },
    );
    return rows.map(read);
  }

  async save(target: StoredTarget): Promise<void> {
    const { kinds, place, mimeAllow, ...row } = target;
    await this.hub.sequelize.query(
      `INSERT INTO storage_targets (org_id, id, name, place, secret_id, max_file_mb, mime_allow, url_ttl_sec, quota_bytes,
         retention, scan_url, state, last_check_at, last_error, created_at, version)
       VALUES (:orgId, :id, :name, :place, :secretId, :maxFileMb, :mimeAllow, :urlTtlSec, :quotaBytes, :retention, :scanUrl,
         :state, :lastCheckAt, :lastError, :createdAt, :version)
       ON DUPLICATE KEY UPDATE name = :name, place = :place, secret_id = :secretId, max_file_mb = :maxFileMb,
         mime_allow = :mimeAllow, url_ttl_sec = :urlTtlSec, quota_bytes = :quotaBytes, retention = :retention,
         scan_url = :scanUrl, state = :state, last_check_at = :lastCheckAt, last_error = :lastError, version = :version`,
      { replacements: { ...row, place: JSON.stringify(place), mimeAllow: JSON.stringify(mimeAllow) } },
    );
    const { orgId, id } = target;
    await this.hub.sequelize.query('DELETE FROM storage_routes WHERE org_id = ? AND target_id = ?', {
      replacements: [orgId, id],
    });
    for (const kind of kinds.toSorted())
      await this.hub.sequelize.query(
        'INSERT INTO storage_routes (org_id, kind, target_id) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE target_id = ?',
        { replacements: [orgId, kind, id, id] },
      );
  }

  async remove(orgId: string, id: string): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM storage_targets WHERE org_id = ? AND id = ?', {
      replacements: [orgId, id],
    });
  }

  async startMigration({ orgId, id, fromId, toId, startedAt }: StoredMigration): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO storage_migrations (org_id, id, from_id, to_id, is_running, state, started_at)
       VALUES (?, ?, ?, ?, 1, 'running', ?)`,
      { replacements: [orgId, id, fromId, toId, startedAt] },
    );
  }

  async migration(orgId: string, id: string): Promise<StoredMigration | null> {
    const [row] = await this.hub.select<StoredMigration>(
      `SELECT ${MIGRATION} FROM storage_migrations WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    return row ?? null;
  }

  /** Goes on from where `before` stood only if nobody else did meanwhile. */
  async advance(before: StoredMigration, change: Partial<StoredMigration>): Promise<boolean> {
    const next = { ...before, ...change };
    const [, changed] = await this.hub.sequelize.query(
      `UPDATE storage_migrations SET state = :state, is_running = :isRunning, copied = :copied, bytes = :bytes, up_to = :upTo,
         failure = :failure, finished_at = :finishedAt
       WHERE org_id = :orgId AND id = :id AND is_running = 1 AND up_to <=> :stood`,
      {
        type: QueryTypes.UPDATE,
        replacements: { ...next, isRunning: next.state === 'running' ? 1 : null, stood: before.upTo },
      },
    );
    return changed > 0;
  }
}

export const targetOf = (
  { orgId: _orgId, secretId, lastCheckAt, createdAt, ...row }: StoredTarget,
  secret: SecretInfo | undefined,
): StorageTarget => ({
  ...row,
  hasSecret: secretId !== null,
  last4: secret?.last4 ?? null,
  lastCheckAt: lastCheckAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});
