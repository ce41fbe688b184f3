import type { Subscription } from '@loro/contracts/licensing-values';
import type { Hub } from '../../platform';
import { changed } from './rows.store';

interface Row {
  readonly provider: string;
  readonly externalId: string;
  readonly state: Subscription['state'];
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: number;
  readonly saidAt: Date;
}

/** What is known of a subscription, and when that was so. */
export interface Said {
  readonly provider: string;
  readonly externalId: string;
  readonly state: Subscription['state'];
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly saidAt: Date;
}

const COLUMNS = `provider, external_id AS externalId, state, current_period_end AS currentPeriodEnd,
  cancel_at_period_end AS cancelAtPeriodEnd, said_at AS saidAt`;

/** What the provider says of an organisation’s subscription. */
export class SubscriptionStore {
  constructor(private readonly hub: Hub) {}

  async find(orgId: string, licenseId: string): Promise<Subscription | null> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM license_subscriptions WHERE org_id = :orgId AND license_id = :licenseId`,
      { orgId, licenseId },
    );
    if (!row) return null;
    const { provider, externalId, state, currentPeriodEnd, cancelAtPeriodEnd } = row;
    return {
      provider,
      externalId,
      state,
      currentPeriodEnd: currentPeriodEnd?.toISOString() ?? null,
      cancelAtPeriodEnd: cancelAtPeriodEnd > 0,
    };
  }

  /** In the caller’s transaction. @returns false where something newer is known, whichever way it came */
  async keep(orgId: string, licenseId: string, said: Said): Promise<boolean> {
    const [known] = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM license_subscriptions WHERE org_id = :orgId AND license_id = :licenseId FOR UPDATE`,
      { orgId, licenseId },
    );
    if (known && known.saidAt > said.saidAt) return false;
    await changed(
      this.hub,
      `INSERT INTO license_subscriptions
         (org_id, license_id, provider, external_id, state, current_period_end, cancel_at_period_end, said_at)
       VALUES (:orgId, :licenseId, :provider, :externalId, :state, :currentPeriodEnd, :cancelAtPeriodEnd, :saidAt)
       ON DUPLICATE KEY UPDATE provider = VALUES(provider), external_id = VALUES(external_id), state = VALUES(state),
         current_period_end = VALUES(current_period_end), cancel_at_period_end = VALUES(cancel_at_period_end),
         said_at = VALUES(said_at)`,
      { orgId, licenseId, ...said },
    );
    return true;
  }

  /** In the caller’s transaction. */
  async mark(orgId: string, licenseId: string, state: Subscription['state']): Promise<void> {
    const sql = 'UPDATE license_subscriptions SET state = :state WHERE org_id = :orgId AND license_id = :licenseId';
    await changed(this.hub, sql, { orgId, licenseId, state });
  }

  /** In the caller’s transaction. */
  async cancel(orgId: string, licenseId: string, isCancelled: boolean): Promise<void> {
    const sql =
      'UPDATE license_subscriptions SET cancel_at_period_end = :isCancelled WHERE org_id = :orgId AND license_id = :licenseId';
    await changed(this.hub, sql, { orgId, licenseId, isCancelled });
  }

  /** In the caller’s transaction. @returns false where the event was heard before */
  async hear(provider: string, eventId: string): Promise<boolean> {
    const sql =
      'INSERT IGNORE INTO payment_events (provider, event_id, received_at) VALUES (:provider, :eventId, :now)';
    return (await changed(this.hub, sql, { provider, eventId, now: this.hub.now() })) > 0;
  }

  async tidy(): Promise<void> {
    const before = new Date(this.hub.now().getTime() - 40 * 86_400_000);
    await changed(this.hub, 'DELETE FROM payment_events WHERE received_at < :before LIMIT 100000', { before });
  }
}
