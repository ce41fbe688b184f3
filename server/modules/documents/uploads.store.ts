import { QueryTypes } from 'sequelize';
import { type Hub, HubError } from '../../platform';

/** A file that comes part by part. */
export interface Upload {
  readonly orgId: string;
  readonly id: string;
  readonly userId: string;
  readonly targetId: string | null;
  readonly size: number;
  readonly received: number;
  /** JSON. */
  readonly fields: string;
  readonly state: 'open' | 'done' | 'failed' | 'ended';
  readonly expiresAt: Date;
}

export interface Part {
  readonly beginsAt: number;
  readonly size: number;
  readonly storageKey: string;
}

const COLUMNS = `org_id AS orgId, id, user_id AS userId, target_id AS targetId, size, received, fields, state,
  expires_at AS expiresAt`;

/** Rows of uploads and their parts. */
export class UploadsStore {
  constructor(private readonly hub: Hub) {}

  /** @param limit bytes that the organisation may keep; null for any @throws HubError STORAGE_QUOTA */
  async begin(upload: Omit<Upload, 'received' | 'state'>, limit: number | null): Promise<void> {
    const { orgId, size } = upload;
    await this.change('INSERT INTO storage_usage (org_id) VALUES (:orgId) ON DUPLICATE KEY UPDATE org_id = org_id', {
      orgId,
    });
    const taken = await this.change(
      `UPDATE storage_usage SET bytes_reserved = bytes_reserved + :size
       WHERE org_id = :orgId ${limit === null ? '' : 'AND bytes_used + bytes_reserved + :size <= :limit'}`,
      { orgId, size, limit },
    );
    if (taken === 0) throw new HubError('STORAGE_QUOTA', 'The organisation’s storage is full.');
    await this.change(
      `INSERT INTO uploads (org_id, id, user_id, target_id, size, fields, created_at, expires_at)
       VALUES (:orgId, :id, :userId, :targetId, :size, :fields, :now, :expiresAt)`,
      { ...upload, now: this.hub.now() },
    );
  }

  async find(orgId: string, id: string): Promise<Upload | null> {
    const [row] = await this.hub.select<Upload>(`SELECT ${COLUMNS} FROM uploads WHERE org_id = :orgId AND id = :id`, {
      orgId,
      id,
    });
    return row ?? null;
  }

  /** Counts a part, in the caller's transaction. @returns false where the upload stands elsewhere by now */
  async append({ orgId, id }: Upload, part: Part, expiresAt: Date): Promise<boolean> {
    const moved = await this.change(
      `UPDATE uploads SET received = received + :size, expires_at = :expiresAt
       WHERE org_id = :orgId AND id = :id AND received = :beginsAt AND state = 'open'`,
      { orgId, id, ...part, expiresAt },
    );
    if (moved === 0) return false;
    await this.change(
      `INSERT INTO upload_parts (org_id, upload_id, begins_at, size, storage_key)
       VALUES (:orgId, :id, :beginsAt, :size, :storageKey)`,
      { orgId, id, ...part },
    );
    return true;
  }

  parts({ orgId, id }: Pick<Upload, 'orgId' | 'id'>): Promise<Part[]> {
    return this.hub.select<Part>(
      `SELECT begins_at AS beginsAt, size, storage_key AS storageKey FROM upload_parts
       WHERE org_id = :orgId AND upload_id = :id ORDER BY begins_at`,
      { orgId, id },
    );
  }

  /** Takes the finishing of an upload to oneself for a while. @returns false where somebody else is at it */
  async claim({ orgId, id }: Upload, until: Date): Promise<boolean> {
    const claimed = await this.change(
      `UPDATE uploads SET finishing_until = :until WHERE org_id = :orgId AND id = :id AND state = 'open'
       AND (finishing_until IS NULL OR finishing_until <= :now)`,
      { orgId, id, until, now: this.hub.now() },
    );
    return claimed > 0;
  }

  async unclaim({ orgId, id }: Upload): Promise<void> {
    await this.change('UPDATE uploads SET finishing_until = NULL WHERE org_id = :orgId AND id = :id', { orgId, id });
  }

  /** Ends it and gives its room back, in the caller's transaction. @returns false where it was over already */
  async end({ orgId, id, size }: Upload, state: 'done' | 'failed' | 'ended'): Promise<boolean> {
    const ended = await this.change(
      `UPDATE uploads SET state = :state WHERE org_id = :orgId AND id = :id AND state = 'open'`,
      { orgId, id, state },
    );
    if (ended === 0) return false;
    await this.change(
      'UPDATE storage_usage SET bytes_reserved = GREATEST(bytes_reserved, :size) - :size WHERE org_id = :orgId',
      { orgId, size },
    );
    return true;
  }

  /** Uploads of this state whose time ran out, longest ago first. */
  due(states: readonly Upload['state'][], before: Date, limit: number): Promise<Upload[]> {
    return this.hub.select<Upload>(
      `SELECT ${COLUMNS} FROM uploads WHERE state IN (:states) AND expires_at <= :before ORDER BY expires_at LIMIT :limit`,
      { states, before, limit },
    );
  }

  async forgetParts({ orgId, id }: Upload): Promise<void> {
    await this.change('DELETE FROM upload_parts WHERE org_id = :orgId AND upload_id = :id', { orgId, id });
  }

  async forget({ orgId, id }: Upload): Promise<void> {
    await this.change('DELETE FROM uploads WHERE org_id = :orgId AND id = :id', { orgId, id });
  }

  private async change(statement: string, replacements: Record<string, unknown>): Promise<number> {
    const [, affected] = await this.hub.sequelize.query(statement, { replacements, type: QueryTypes.UPDATE });
    return affected;
  }
}
