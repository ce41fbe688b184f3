import { QueryTypes } from 'sequelize';
import type { Hub } from '../../platform';

export interface StoredShare {
  readonly orgId: string;
  readonly id: string;
  readonly documentId: string;
  readonly tokenSha256: string;
  readonly passwordHash: string | null;
  readonly failures: number;
  readonly closedUntil: Date | null;
  readonly maxDownloads: number | null;
  readonly downloads: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

const COLUMNS = `org_id AS orgId, id, document_id AS documentId, token_sha256 AS tokenSha256,
  password_hash AS passwordHash, failures, closed_until AS closedUntil, max_downloads AS maxDownloads, downloads,
  created_by AS createdBy, created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt`;

/** Rows of shares. What two may do at once is one statement each. */
export class SharesStore {
  constructor(private readonly hub: Hub) {}

  async add(share: StoredShare): Promise<void> {
    await this.change(
      `INSERT INTO document_shares (org_id, id, document_id, token_sha256, password_hash, max_downloads, created_by,
         created_at, expires_at)
       VALUES (:orgId, :id, :documentId, :tokenSha256, :passwordHash, :maxDownloads, :createdBy, :createdAt, :expiresAt)`,
      { ...share },
    );
  }

  of(orgId: string, documentId: string, before: string | undefined, limit: number): Promise<StoredShare[]> {
    return this.hub.select<StoredShare>(
      `SELECT ${COLUMNS} FROM document_shares WHERE org_id = :orgId AND document_id = :documentId
       ${before === undefined ? '' : 'AND id < :before'} ORDER BY id DESC LIMIT :limit`,
      { orgId, documentId, before, limit },
    );
  }

  async byToken(orgId: string, tokenSha256: string): Promise<StoredShare | null> {
    const [share] = await this.hub.select<StoredShare>(
      `SELECT ${COLUMNS} FROM document_shares WHERE org_id = :orgId AND token_sha256 = :tokenSha256`,
      { orgId, tokenSha256 },
    );
    return share ?? null;
  }

  /** @returns false where there is no such share; one that has ended may be ended again */
  async revoke(orgId: string, documentId: string, id: string): Promise<boolean> {
    const at = this.hub.now();
    const ended = await this.change(
      `UPDATE document_shares SET revoked_at = COALESCE(revoked_at, :at)
       WHERE org_id = :orgId AND document_id = :documentId AND id = :id`,
      { orgId, documentId, id, at },
    );
    return ended > 0 || (await this.of(orgId, documentId, undefined, 10_000)).some((share) => share.id === id);
  }

  /** Counts one download. @returns false where there may be no more */
  async count({ orgId, id }: StoredShare): Promise<boolean> {
    const counted = await this.change(
      `UPDATE document_shares SET downloads = downloads + 1 WHERE org_id = :orgId AND id = :id
       AND revoked_at IS NULL AND expires_at > :now AND (max_downloads IS NULL OR downloads < max_downloads)`,
      { orgId, id, now: this.hub.now() },
    );
    return counted > 0;
  }

  /** Counts a try at the password; with the last that is allowed the share closes for a while. @returns false once it has */
  async attempt(
    { orgId, id }: StoredShare,
    { most, until }: { readonly most: number; readonly until: Date },
  ): Promise<boolean> {
    const now = this.hub.now();
    await this.change(
      `UPDATE document_shares SET failures = 0, closed_until = NULL
       WHERE org_id = :orgId AND id = :id AND closed_until <= :now`,
      { orgId, id, now },
    );
    const tried = await this.change(
      // The closing looks at the count before this try, as MySQL assigns from left to right.
      `UPDATE document_shares SET closed_until = IF(failures + 1 >= :most, :until, closed_until), failures = failures + 1
       WHERE org_id = :orgId AND id = :id AND failures < :most`,
      { orgId, id, most, until },
    );
    return tried > 0;
  }

  async forgive({ orgId, id }: StoredShare): Promise<void> {
    await this.change(
      'UPDATE document_shares SET failures = 0, closed_until = NULL WHERE org_id = :orgId AND id = :id',
      { orgId, id },
    );
  }

  private async change(statement: string, replacements: Record<string, unknown>): Promise<number> {
    const [, affected] = await this.hub.sequelize.query(statement, { replacements, type: QueryTypes.UPDATE });
    return affected;
  }
}
