import type { Integration, IntegrationConfig } from '@loro/contracts/integrations';
import type { Hub } from '../../platform';
import type { SecretInfo } from './secrets.store';

/** An integration as it is kept. */
export interface StoredIntegration {
  readonly orgId: string;
  readonly id: string;
  name: string;
  config: IntegrationConfig;
  secretId: string | null;
  state: Integration['state'];
  lastCheckAt: Date | null;
  lastError: string | null;
  failures: number;
  readonly createdAt: Date;
  version: number;
}

type Row = Omit<StoredIntegration, 'config'> & { config: string };

const COLUMNS = `org_id AS orgId, id, name, config, secret_id AS secretId, state, last_check_at AS lastCheckAt,
  last_error AS lastError, failures, created_at AS createdAt, version`;

// Written by this store from the very type it is read back as.
const read = (row: Row): StoredIntegration => ({ ...row, config: JSON.parse(row.config) as IntegrationConfig });

export class IntegrationStore {
  constructor(private readonly hub: Hub) {}

  async find(orgId: string, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<StoredIntegration | null> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM integrations WHERE org_id = :orgId AND id = :id ${lock}`,
      { orgId, id },
    );
    return row ? read(row) : null;
  }

  async list(
    orgId: string,
    kind: string | undefined,
    after: string | undefined,
    limit: number,
  ): Promise<StoredIntegration[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM integrations WHERE org_id = :orgId ${kind ? 'AND kind = :kind' : ''}
       ${after ? 'AND id > :after' : ''} ORDER BY id LIMIT ${limit}`,
      { orgId, kind, after },
    );
    return rows.map(read);
  }

  /** Integrations of all organisations that are in use, page by page. */
  async inUse(after: string, limit: number): Promise<StoredIntegration[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM integrations WHERE state <> 'disabled' AND id > :after ORDER BY id LIMIT ${limit}`,
      { after },
    );
    return rows.map(read);
  }

  /** Counted behind a lock, so that of two at once the second sees the first. */
  async count(orgId: string): Promise<number> {
    await this.hub.select('SELECT id FROM organisations WHERE id = :orgId FOR UPDATE', { orgId });
    const [row] = await this.hub.select<{ n: number }>('SELECT COUNT(*) AS n FROM integrations WHERE org_id = :orgId', {
      orgId,
    });
    return row?.n ?? 0;
  }

  async save(integration: StoredIntegration): Promise<void> {
    const { config, ...row } = integration;
    await this.hub.sequelize.query(
      `INSERT INTO integrations (org_id, id, kind, name, config, secret_id, state, last_check_at, last_error, failures,
         created_at, version)
       VALUES (:orgId, :id, :kind, :name, :config, :secretId, :state, :lastCheckAt, :lastError, :failures, :createdAt, :version)
       ON DUPLICATE KEY UPDATE kind = :kind, name = :name, config = :config, secret_id = :secretId, state = :state,
         last_check_at = :lastCheckAt, last_error = :lastError, failures = :failures, version = :version`,
      { replacements: { ...row, kind: config.kind, config: JSON.stringify(config) } },
    );
  }

  async remove(orgId: string, id: string): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM integrations WHERE org_id = ? AND id = ?', {
      replacements: [orgId, id],
    });
  }
}

export const integrationOf = (
  { orgId: _orgId, secretId, config, lastCheckAt, createdAt, ...row }: StoredIntegration,
  secret: SecretInfo | undefined,
): Integration => ({
  ...row,
  kind: config.kind,
  config,
  hasSecret: secretId !== null,
  last4: secret?.last4 ?? null,
  rotatedAt: secret?.rotatedAt.toISOString() ?? null,
  previousUntil: secret?.previousUntil?.toISOString() ?? null,
  lastCheckAt: lastCheckAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});
