import { QueryTypes } from 'sequelize';
import type { Hub } from '../../platform';

export interface StoredOutlet {
  readonly orgId: string;
  readonly id: string;
  readonly name: string;
  readonly kind: 'webhook' | 'syslog';
  readonly address: string;
  readonly secret: Buffer | null;
  readonly isEnabled: number | boolean;
  readonly shippedSeq: number;
  readonly shippedAt: Date | null;
  readonly failures: number;
  readonly lastError: string | null;
  readonly nextTryAt: Date | null;
  readonly createdAt: Date;
  readonly version: number;
  /** Of the chain. */
  readonly headSeq: number;
}

const COLUMNS = `o.org_id AS orgId, o.id, o.name, o.kind, o.address, o.secret, o.is_enabled AS isEnabled,
  o.shipped_seq AS shippedSeq, o.shipped_at AS shippedAt, o.failures, o.last_error AS lastError,
  o.next_try_at AS nextTryAt, o.created_at AS createdAt, o.version, COALESCE(h.seq, 0) AS headSeq`;
const FROM = 'journal_outlets o LEFT JOIN journal_heads h ON h.org_id = o.org_id';

/** Rows of outlets, each with how far it has come. */
export class OutletsStore {
  constructor(private readonly hub: Hub) {}

  async add(outlet: Pick<StoredOutlet, 'orgId' | 'id' | 'name' | 'kind' | 'address' | 'secret' | 'shippedSeq'>) {
    await this.change(
      `INSERT INTO journal_outlets (org_id, id, name, kind, address, secret, shipped_seq, created_at)
       VALUES (:orgId, :id, :name, :kind, :address, :secret, :shippedSeq, :now)`,
      { ...outlet, now: this.hub.now() },
    );
  }

  async find(orgId: string, id: string): Promise<StoredOutlet | null> {
    const [row] = await this.hub.select<StoredOutlet>(
      `SELECT ${COLUMNS} FROM ${FROM} WHERE o.org_id = :orgId AND o.id = :id`,
      { orgId, id },
    );
    return row ?? null;
  }

  list(orgId: string, before: string | undefined, limit: number): Promise<StoredOutlet[]> {
    return this.hub.select<StoredOutlet>(
      `SELECT ${COLUMNS} FROM ${FROM} WHERE o.org_id = :orgId ${before === undefined ? '' : 'AND o.id < :before'}
       ORDER BY o.id DESC LIMIT :limit`,
      { orgId, before, limit },
    );
  }

  /** Those that have something to send and are not waiting after a failure. */
  due(): Promise<StoredOutlet[]> {
    return this.hub.select<StoredOutlet>(
      `SELECT ${COLUMNS} FROM ${FROM} WHERE o.is_enabled AND h.seq > o.shipped_seq
       AND (o.next_try_at IS NULL OR o.next_try_at <= :now) ORDER BY o.shipped_at LIMIT 500`,
      { now: this.hub.now() },
    );
  }

  /** Takes one to oneself for a while. @returns false where another worker is at it */
  async lease({ orgId, id }: StoredOutlet, until: Date): Promise<boolean> {
    const taken = await this.change(
      `UPDATE journal_outlets SET leased_until = :until WHERE org_id = :orgId AND id = :id
       AND (leased_until IS NULL OR leased_until <= :now)`,
      { orgId, id, until, now: this.hub.now() },
    );
    return taken > 0;
  }

  async release({ orgId, id }: StoredOutlet): Promise<void> {
    await this.change('UPDATE journal_outlets SET leased_until = NULL WHERE org_id = :orgId AND id = :id', {
      orgId,
      id,
    });
  }

  /** What arrived is not sent again, unless another worker was faster. */
  async arrived({ orgId, id, shippedSeq }: StoredOutlet, through: number): Promise<boolean> {
    const moved = await this.change(
      `UPDATE journal_outlets SET shipped_seq = :through, shipped_at = :now, failures = 0, last_error = NULL,
         next_try_at = NULL WHERE org_id = :orgId AND id = :id AND shipped_seq = :shippedSeq`,
      { orgId, id, shippedSeq, through, now: this.hub.now() },
    );
    return moved > 0;
  }

  async failed({ orgId, id, failures }: StoredOutlet, error: string, nextTryAt: Date): Promise<void> {
    await this.change(
      `UPDATE journal_outlets SET failures = :failures, last_error = :error, next_try_at = :nextTryAt
       WHERE org_id = :orgId AND id = :id`,
      { orgId, id, failures: failures + 1, error: error.slice(0, 300), nextTryAt },
    );
  }

  /** @returns false where the version is another */
  async edit(
    { orgId, id, version }: StoredOutlet,
    { name, isEnabled }: { readonly name: string; readonly isEnabled: boolean },
  ): Promise<boolean> {
    const changed = await this.change(
      `UPDATE journal_outlets SET name = :name, is_enabled = :isEnabled, failures = 0, next_try_at = NULL,
         version = version + 1 WHERE org_id = :orgId AND id = :id AND version = :version`,
      { orgId, id, version, name, isEnabled },
    );
    return changed > 0;
  }

  async remove({ orgId, id }: StoredOutlet): Promise<void> {
    await this.change('DELETE FROM journal_outlets WHERE org_id = :orgId AND id = :id', { orgId, id });
  }

  private async change(statement: string, replacements: Record<string, unknown>): Promise<number> {
    const [, affected] = await this.hub.sequelize.query(statement, { replacements, type: QueryTypes.UPDATE });
    return affected;
  }
}
