import type { Finding } from '@loro/contracts/licensing-compliance';
import { type Hub, ulid } from '../../platform';
import { changed } from './rows.store';

interface Row {
  readonly id: string;
  readonly kind: Finding['kind'];
  readonly subject: string;
  readonly state: Finding['state'];
  readonly detail: string;
  readonly foundAt: Date;
  readonly seenAt: Date;
  readonly closedAt: Date | null;
  readonly waiver: string | null;
  readonly version: number;
}

/** Something that is so at this moment. */
export interface Found {
  readonly kind: Finding['kind'];
  readonly subject: string;
  readonly detail: Readonly<Record<string, string | number | null>>;
}

const COLUMNS = `id, kind, subject, state, detail, found_at AS foundAt, seen_at AS seenAt, closed_at AS closedAt, waiver, version`;

const present = ({ detail, foundAt, seenAt, closedAt, ...row }: Row): Finding => ({
  ...row,
  detail: JSON.parse(detail),
  foundAt: foundAt.toISOString(),
  seenAt: seenAt.toISOString(),
  closedAt: closedAt?.toISOString() ?? null,
});

export class FindingsStore {
  constructor(private readonly hub: Hub) {}

  async list(
    orgId: string,
    { limit, before, state }: { limit: number; before: string | null; state: Finding['state'] | null },
  ): Promise<Finding[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM compliance_findings WHERE org_id = :orgId AND (:before IS NULL OR id < :before)
         AND (:state IS NULL OR state = :state) ORDER BY id DESC LIMIT ${limit}`,
      { orgId, before, state },
    );
    return rows.map(present);
  }

  async lock(orgId: string, id: string): Promise<Finding | null> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM compliance_findings WHERE org_id = :orgId AND id = :id FOR UPDATE`,
      { orgId, id },
    );
    return row ? present(row) : null;
  }

  async waive(orgId: string, id: string, reason: string): Promise<void> {
    await changed(
      this.hub,
      `UPDATE compliance_findings SET state = 'waived', waiver = :reason, closed_at = :now, version = version + 1
       WHERE org_id = :orgId AND id = :id`,
      { orgId, id, reason, now: this.hub.now() },
    );
  }

  /** In the caller’s transaction. What is still so is seen again, waived or not. @returns whether it is new */
  async see(orgId: string, { kind, subject, detail }: Found): Promise<boolean> {
    const now = this.hub.now();
    const rows = await changed(
      this.hub,
      `INSERT INTO compliance_findings (org_id, id, kind, subject, state, standing, detail, found_at, seen_at)
       VALUES (:orgId, :id, :kind, :subject, 'open', 1, :detail, :now, :now)
       ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at), detail = VALUES(detail)`,
      { orgId, id: ulid(now.getTime()), kind, subject, detail: JSON.stringify(detail), now },
    );
    return rows === 1;
  }

  /** In the caller’s transaction: what was not seen by a look is not so any more. */
  async fix(orgId: string, lookedAt: Date): Promise<number> {
    return changed(
      this.hub,
      `UPDATE compliance_findings SET state = 'fixed', standing = NULL, closed_at = COALESCE(closed_at, :lookedAt),
         version = version + 1
       WHERE org_id = :orgId AND standing = 1 AND seen_at < :lookedAt`,
      { orgId, lookedAt },
    );
  }
}
