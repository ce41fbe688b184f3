import type { LicenseEvent } from '@loro/contracts/licensing-values';
import { context, type Hub, ulid } from '../../platform';
import { changed } from './rows.store';

interface Happened {
  readonly orgId: string;
  readonly licenseId: string;
  readonly type: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** What may happen to a licence once only. */
  readonly once?: string;
}

interface Row {
  readonly id: string;
  readonly type: string;
  readonly at: Date;
  readonly actorId: string | null;
  readonly data: string;
}

/** What became of licences: written once, never changed. */
export class HistoryStore {
  constructor(private readonly hub: Hub) {}

  /** @returns false where it had happened before */
  async add({ orgId, licenseId, type, data = {}, once }: Happened): Promise<boolean> {
    const now = this.hub.now();
    const rows = await changed(
      this.hub,
      `INSERT IGNORE INTO license_events (org_id, id, license_id, type, once, at, actor_id, data)
       VALUES (:orgId, :id, :licenseId, :type, :once, :now, :actorId, :data)`,
      {
        orgId,
        id: ulid(now.getTime()),
        licenseId,
        type,
        once: once ?? null,
        now,
        actorId: context().caller?.actor?.userId ?? null,
        data: JSON.stringify(data),
      },
    );
    return rows > 0;
  }

  async list(orgId: string, limit: number, before: string | null): Promise<LicenseEvent[]> {
    const rows = await this.hub.select<Row>(
      `SELECT id, type, at, actor_id AS actorId, data FROM license_events
       WHERE org_id = :orgId AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT ${limit}`,
      { orgId, before },
    );
    return rows.map(({ at, data, ...row }) => ({ ...row, at: at.toISOString(), data: JSON.parse(data) }));
  }

  /** The newest instant that was ever written down. */
  async newest(): Promise<Date | null> {
    const [row] = await this.hub.select<{ at: Date | null }>('SELECT MAX(at) AS at FROM license_events');
    return row?.at ?? null;
  }
}
