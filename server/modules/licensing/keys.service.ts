import { createHash, randomBytes } from 'node:crypto';
import type { LicenseKey } from '@loro/contracts/licensing-licenses';
import { type Actor, allow, Conflict, type Hub, HubError, NotFound, type Page, pageOf, ulid } from '../../platform';
import { keyOf, readKey } from './keys.policy';
import type { LicenseBook } from './license-book';
import { LicenseKeyModel } from './license-key.model';
import { changed } from './rows.store';

interface Of {
  readonly orgId: string;
  readonly licenseId: string;
}

const BITS = 120;
const SHOWN = 11;
const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex');
export const fingerprintHash = (fingerprint: string): string => createHash('sha256').update(fingerprint).digest('hex');

/** Keys of licences: shown once, kept as hashes. */
export class KeysService {
  constructor(
    private readonly hub: Hub,
    private readonly book: LicenseBook,
  ) {}

  async issue(actor: Actor, { orgId, licenseId }: Of): Promise<LicenseKey & { key: string }> {
    allow(actor, 'license.admin');
    const key = keyOf(randomBytes(BITS / 8));
    return this.hub.transact(async (after) => {
      const { row } = await this.book.lock(orgId, licenseId);
      if (row.endedAt || row.revokedAt) throw new Conflict('LICENSE_STATE', 'This licence has ended.');
      const now = this.hub.now();
      const made = await LicenseKeyModel.create({
        orgId,
        id: ulid(now.getTime()),
        licenseId,
        prefix: key.slice(0, SHOWN),
        sha256: digestOf(readKey(key) ?? key),
        issuedAt: now,
        revokedAt: null,
      });
      const shown = made.toContract();
      after.record({
        type: 'security_event',
        action: 'license-key.issued',
        orgId,
        entity: { type: 'license', id: licenseId },
        data: { keyId: shown.id, prefix: shown.prefix },
      });
      return { ...shown, key };
    });
  }

  async revoke(actor: Actor, { orgId, licenseId }: Of, keyId: string): Promise<void> {
    allow(actor, 'license.admin');
    await this.hub.transact(async (after) => {
      const key = await LicenseKeyModel.findOne({ where: { orgId, licenseId, id: keyId }, lock: true });
      if (!key) throw new NotFound('This key');
      if (key.revokedAt) return;
      await key.update({ revokedAt: this.hub.now() });
      after.record({
        type: 'security_event',
        action: 'license-key.revoked',
        orgId,
        entity: { type: 'license', id: licenseId },
        data: { keyId },
      });
    });
  }

  async list(
    actor: Actor,
    { orgId, licenseId }: Of,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<Page<LicenseKey>> {
    allow(actor, 'license.admin');
    await this.book.find(orgId, licenseId);
    const [before] = this.hub.cursors.decode('license-keys', page.cursor) ?? [];
    const rows = await LicenseKeyModel.findAll({ where: { orgId, licenseId }, order: [['id', 'DESC']] });
    const shown = rows.filter(({ id }) => before === undefined || id < String(before));
    return pageOf(
      shown,
      page.limit,
      ({ id }) => this.hub.cursors.encode('license-keys', [id]),
      (row) => row.toContract(),
    );
  }

  /** Which licence a typed key is of; null for a key that nobody made or that was revoked. @throws HubError KEY_CHECKSUM */
  async find(typed: string): Promise<(Of & { keyId: string }) | null> {
    const key = readKey(typed);
    if (key === null) throw new HubError('KEY_CHECKSUM', 'A character of this key is wrong or missing.');
    const row = await LicenseKeyModel.findOne({ where: { sha256: digestOf(key), revokedAt: null } });
    return row ? { orgId: row.orgId, licenseId: row.licenseId, keyId: row.id } : null;
  }

  /** Which machines use a key: too many of them are a finding. */
  async sight(orgId: string, keyId: string, fingerprint: string): Promise<void> {
    await changed(
      this.hub,
      `INSERT INTO license_key_sightings (org_id, key_id, fingerprint_sha256, seen_at) VALUES (:orgId, :keyId, :hash, :now)
       ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at)`,
      { orgId, keyId, hash: fingerprintHash(fingerprint), now: this.hub.now() },
    );
  }

  /** In the caller’s transaction: keys go with their licence. */
  async move(from: Of, to: Of): Promise<void> {
    await changed(
      this.hub,
      'UPDATE license_keys SET org_id = :toOrg, license_id = :toLicense WHERE org_id = :orgId AND license_id = :licenseId',
      { ...from, toOrg: to.orgId, toLicense: to.licenseId },
    );
  }
}
