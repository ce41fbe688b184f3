import type { ChangeSet } from '@loro/contracts/configuration-values';
import type { Hub } from '../../platform';
import type { Wanted } from './settings.service';

/** A set of changes as it is kept. */
export interface StoredSet {
  readonly orgId: string;
  readonly id: string;
  state: ChangeSet['state'];
  items: readonly Wanted[];
  applyAt: Date | null;
  appliedAt: Date | null;
  reason: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  failure: string | null;
  version: number;
}

type Row = Omit<StoredSet, 'items'> & { items: string | null; sealed: Buffer | null };

const COLUMNS = `org_id AS orgId, id, state, items, sealed_items AS sealed, apply_at AS applyAt, applied_at AS appliedAt, reason,
  created_by AS createdBy, created_at AS createdAt, failure, version`;

/** Rows of sets of changes; those that hold a secret are sealed whole. */
export class ChangeSetStore {
  constructor(private readonly hub: Hub) {}

  async find(orgId: string, id: string): Promise<StoredSet | null> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM config_change_sets WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    return row ? this.read(row) : null;
  }

  async lock(orgId: string, id: string): Promise<StoredSet | null> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM config_change_sets WHERE org_id = :orgId AND id = :id FOR UPDATE`,
      { orgId, id },
    );
    return row ? this.read(row) : null;
  }

  async list(
    orgId: string,
    state: ChangeSet['state'] | undefined,
    before: string | undefined,
    limit: number,
  ): Promise<StoredSet[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM config_change_sets WHERE org_id = :orgId ${state ? 'AND state = :state' : ''}
       ${before ? 'AND id < :before' : ''} ORDER BY id DESC LIMIT ${limit}`,
      { orgId, state, before },
    );
    return rows.map((row) => this.read(row));
  }

  due(now: Date): Promise<{ orgId: string; id: string }[]> {
    return this.hub.select(
      `SELECT org_id AS orgId, id FROM config_change_sets WHERE state = 'scheduled' AND apply_at <= :now
       ORDER BY apply_at, id LIMIT 500`,
      { now },
    );
  }

  async save(set: StoredSet, hasSecret: boolean): Promise<void> {
    const items = JSON.stringify(set.items);
    await this.hub.sequelize.query(
      `INSERT INTO config_change_sets (org_id, id, state, items, sealed_items, apply_at, applied_at, reason, created_by,
         created_at, failure, version)
       VALUES (:orgId, :id, :state, :open, :sealed, :applyAt, :appliedAt, :reason, :createdBy, :createdAt, :failure, :version)
       ON DUPLICATE KEY UPDATE state = :state, items = :open, sealed_items = :sealed, apply_at = :applyAt,
         applied_at = :appliedAt, reason = :reason, failure = :failure, version = :version`,
      {
        replacements: {
          ...set,
          open: hasSecret ? null : items,
          sealed: hasSecret ? this.hub.secrets.seal('settings', items) : null,
        },
      },
    );
  }

  async remove(orgId: string, id: string): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM config_change_sets WHERE org_id = ? AND id = ?', {
      replacements: [orgId, id],
    });
  }

  private read({ items, sealed, ...row }: Row): StoredSet {
    const text = sealed ? this.hub.secrets.open('settings', sealed) : items;
    // Written by this store from the very type it is read back as.
    return { ...row, items: JSON.parse(text ?? '[]') as Wanted[] };
  }
}
