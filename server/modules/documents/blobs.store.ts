import { createReadStream } from 'node:fs';
import { HubError, type FileStore, type Hub, ulid } from '../../platform';
import { configuration, type FilePlace } from '../configuration';

/** Kept bytes of one organisation. */
export interface Blob {
  readonly sha256: string;
  readonly size: number;
  readonly targetId: string | null;
  readonly storageKey: string;
}

/** Bytes that wait on this machine to be kept. */
export interface Bytes {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly mime: string;
}

const COLUMNS = 'sha256, size, target_id AS targetId, storage_key AS storageKey';

/**
 * Bytes, once in an organisation however many documents hold them. A file is written before its row, under a name that
 * no other will ever have, and removed after it: a crash between the two leaves a file too much and never a row too many.
 */
export class BlobsStore {
  constructor(private readonly hub: Hub) {}

  /** Writes the file where the organisation keeps its documents; null where it has these bytes already. */
  async write(orgId: string, { path, sha256, size, mime }: Bytes, place: FilePlace): Promise<Blob | null> {
    if (await this.find(orgId, sha256)) return null;
    const storageKey = `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}-${ulid().toLowerCase()}`;
    await place.store.put(storageKey, createReadStream(path), { type: mime, size });
    return { sha256, size, targetId: place.target?.id ?? null, storageKey };
  }

  /**
   * Counts one more document for these bytes, in the caller's transaction.
   * @param written the file that was just written for them, if one was
   * @param limit bytes that the organisation may keep; null for any
   * @returns whether the written file is the one that is kept
   * @throws HubError STORAGE_QUOTA
   */
  async hold(orgId: string, sha256: string, written: Blob | null, limit: number | null): Promise<boolean> {
    const { sequelize } = this.hub;
    const [held] = await sequelize.query(
      'UPDATE blobs SET refs = refs + 1 WHERE org_id = :orgId AND sha256 = :sha256',
      { replacements: { orgId, sha256 } },
    );
    if (affected(held) > 0) return false;
    // They were there a moment ago and were removed meanwhile.
    if (!written) throw new HubError('DEPENDENCY_DOWN', 'Please send the file again.', { retryAfterMs: 0 });
    await sequelize.query(
      'INSERT INTO storage_usage (org_id) VALUES (:orgId) ON DUPLICATE KEY UPDATE org_id = org_id',
      {
        replacements: { orgId },
      },
    );
    const [taken] = await sequelize.query(
      `UPDATE storage_usage SET bytes_used = bytes_used + :size
       WHERE org_id = :orgId ${limit === null ? '' : 'AND bytes_used + bytes_reserved + :size <= :limit'}`,
      { replacements: { orgId, size: written.size, limit } },
    );
    if (affected(taken) === 0) throw new HubError('STORAGE_QUOTA', 'The organisation’s storage is full.');
    await sequelize.query(
      `INSERT INTO blobs (org_id, sha256, size, target_id, storage_key, refs, checked_at)
       VALUES (:orgId, :sha256, :size, :targetId, :storageKey, 1, :now)`,
      { replacements: { orgId, now: this.hub.now(), ...written } },
    );
    return true;
  }

  /** Counts one less; with none left the row goes, and the file has to go after the commit. */
  async release(orgId: string, sha256: string): Promise<Blob | null> {
    const { sequelize } = this.hub;
    await sequelize.query('UPDATE blobs SET refs = refs - 1 WHERE org_id = :orgId AND sha256 = :sha256 AND refs > 0', {
      replacements: { orgId, sha256 },
    });
    const [blob] = await this.hub.select<Blob>(
      `SELECT ${COLUMNS} FROM blobs WHERE org_id = :orgId AND sha256 = :sha256 AND refs = 0 FOR UPDATE`,
      { orgId, sha256 },
    );
    if (!blob) return null;
    await sequelize.query('DELETE FROM blobs WHERE org_id = :orgId AND sha256 = :sha256', {
      replacements: { orgId, sha256 },
    });
    await sequelize.query('UPDATE storage_usage SET bytes_used = bytes_used - :size WHERE org_id = :orgId', {
      replacements: { orgId, size: blob.size },
    });
    return blob;
  }

  async find(orgId: string, sha256: string): Promise<Blob | null> {
    const [blob] = await this.hub.select<Blob>(
      `SELECT ${COLUMNS} FROM blobs WHERE org_id = :orgId AND sha256 = :sha256`,
      { orgId, sha256 },
    );
    return blob ?? null;
  }

  /** Where a blob lies; null for a place that was taken down. */
  async storeOf(orgId: string, { targetId }: Blob): Promise<FileStore | null> {
    const places = this.hub.use(configuration).storage;
    const place = targetId === null ? places.ownFolder(orgId) : await places.placeOf(orgId, targetId);
    return place?.store ?? null;
  }

  /** Blobs that were not hashed again for longest. */
  longestUnchecked(limit: number): Promise<(Blob & { orgId: string })[]> {
    return this.hub.select(`SELECT org_id AS orgId, ${COLUMNS} FROM blobs ORDER BY checked_at LIMIT :limit`, { limit });
  }

  async checked(orgId: string, sha256: string, state: 'kept' | 'missing' | 'changed'): Promise<void> {
    await this.hub.sequelize.query(
      'UPDATE blobs SET state = :state, checked_at = :now WHERE org_id = :orgId AND sha256 = :sha256',
      { replacements: { orgId, sha256, state, now: this.hub.now() } },
    );
  }

  async used(orgId: string): Promise<number> {
    const [row] = await this.hub.select<{ used: number }>(
      'SELECT bytes_used AS used FROM storage_usage WHERE org_id = :orgId',
      { orgId },
    );
    return row?.used ?? 0;
  }
}

/** The driver answers a statement that changes rows with their count. */
const affected = (answer: unknown): number =>
  typeof answer === 'object' && answer !== null && 'affectedRows' in answer
    ? Number(answer.affectedRows)
    : Number(answer);
