import type { Delivery, Webhook } from '@loro/contracts/webhooks';
import { type Hub, Remembered } from '../../platform';
import type { SecretInfo } from './secrets.store';
import type { ConfigVersions } from './versions.store';

/** A webhook as it is kept. */
export interface StoredWebhook {
  readonly orgId: string;
  readonly id: string;
  name: string;
  url: string;
  events: string[];
  isEnabled: boolean;
  readonly secretId: string;
  failures: number;
  readonly createdAt: Date;
  version: number;
}

export type StoredDelivery = Omit<Delivery, 'nextAt' | 'createdAt' | 'deliveredAt'> & {
  readonly orgId: string;
  nextAt: Date | null;
  readonly createdAt: Date;
  deliveredAt: Date | null;
};

type Row = Omit<StoredWebhook, 'events' | 'isEnabled'> & { events: string; isEnabled: number };

const LIFE_MS = 600_000;
const ORGANISATIONS_KEPT = 5_000;
const COLUMNS = `org_id AS orgId, id, name, url, events, is_enabled AS isEnabled, secret_id AS secretId, failures,
  created_at AS createdAt, version`;
const DELIVERY = `org_id AS orgId, id, webhook_id AS webhookId, event, state, attempts, next_at AS nextAt, status, error,
  duration_ms AS durationMs, body, created_at AS createdAt, delivered_at AS deliveredAt`;

const read = (row: Row): StoredWebhook => ({
  ...row,
  // Written by this store from the very type it is read back as.
  events: JSON.parse(row.events) as string[],
  isEnabled: row.isEnabled === 1,
});

/** Webhooks, what they were sent, and which organisations have any: asked at every event, so it is remembered. */
export class WebhookStore {
  private readonly enabled: Remembered<Promise<readonly StoredWebhook[]>>;

  constructor(
    private readonly hub: Hub,
    versions: ConfigVersions,
  ) {
    this.enabled = new Remembered(LIFE_MS, ORGANISATIONS_KEPT, hub.now);
    versions.onChange((orgId) => this.enabled.delete(orgId));
  }

  async enabledOf(orgId: string): Promise<readonly StoredWebhook[]> {
    const known = this.enabled.get(orgId);
    if (known) return known;
    const loading = this.hub.reads
      .all<Row>(`SELECT ${COLUMNS} FROM webhooks WHERE org_id = ? AND is_enabled = 1`, [orgId])
      .then((rows) => rows.map(read));
    this.enabled.set(orgId, loading);
    return loading.catch((error: unknown) => {
      this.enabled.delete(orgId);
      throw error;
    });
  }

  async find(orgId: string, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<StoredWebhook | null> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM webhooks WHERE org_id = :orgId AND id = :id ${lock}`,
      { orgId, id },
    );
    return row ? read(row) : null;
  }

  async list(orgId: string, after: string | undefined, limit: number): Promise<StoredWebhook[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM webhooks WHERE org_id = :orgId ${after ? 'AND id > :after' : ''} ORDER BY id LIMIT ${limit}`,
      { orgId, after },
    );
    return rows.map(read);
  }

  async save(webhook: StoredWebhook): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO webhooks (org_id, id, name, url, events, is_enabled, secret_id, failures, created_at, version)
       VALUES (:orgId, :id, :name, :url, :events, :isEnabled, :secretId, :failures, :createdAt, :version)
       ON DUPLICATE KEY UPDATE name = :name, url = :url, events = :events, is_enabled = :isEnabled, failures = :failures,
         version = :version`,
      { replacements: { ...webhook, events: JSON.stringify(webhook.events) } },
    );
  }

  async remove(orgId: string, id: string): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM webhooks WHERE org_id = ? AND id = ?', { replacements: [orgId, id] });
  }

  async delivery(orgId: string, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<StoredDelivery | null> {
    const [row] = await this.hub.select<StoredDelivery>(
      `SELECT ${DELIVERY} FROM webhook_deliveries WHERE org_id = :orgId AND id = :id ${lock}`,
      { orgId, id },
    );
    return row ?? null;
  }

  deliveries(
    orgId: string,
    where: { webhookId: string; state?: string | undefined; before?: string | undefined },
    limit: number,
  ): Promise<StoredDelivery[]> {
    return this.hub.select<StoredDelivery>(
      `SELECT ${DELIVERY} FROM webhook_deliveries WHERE org_id = :orgId AND webhook_id = :webhookId
       ${where.state ? 'AND state = :state' : ''} ${where.before ? 'AND id < :before' : ''} ORDER BY id DESC LIMIT ${limit}`,
      { orgId, ...where },
    );
  }

  async saveDelivery(delivery: StoredDelivery): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO webhook_deliveries (org_id, id, webhook_id, event, body, state, attempts, next_at, status, error,
         duration_ms, created_at, delivered_at)
       VALUES (:orgId, :id, :webhookId, :event, :body, :state, :attempts, :nextAt, :status, :error, :durationMs, :createdAt,
         :deliveredAt)
       ON DUPLICATE KEY UPDATE state = :state, attempts = :attempts, next_at = :nextAt, status = :status, error = :error,
         duration_ms = :durationMs, delivered_at = :deliveredAt`,
      { replacements: delivery },
    );
  }

  async forget(before: Date): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM webhook_deliveries WHERE created_at < ? LIMIT 100000', {
      replacements: [before],
    });
  }
}

export const webhookOf = (
  { orgId: _orgId, secretId: _secretId, createdAt, ...row }: StoredWebhook,
  secret: SecretInfo | undefined,
): Webhook => ({
  ...row,
  last4: secret?.last4 ?? null,
  previousUntil: secret?.previousUntil?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});

export const deliveryOf = ({ orgId: _orgId, nextAt, createdAt, deliveredAt, ...row }: StoredDelivery): Delivery => ({
  ...row,
  nextAt: nextAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
  deliveredAt: deliveredAt?.toISOString() ?? null,
});
