import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Hub, Remembered } from '../../platform';

const REMEMBERED_MS = 60_000;
const REMEMBERED = 20_000;
const NONCE = 12;
const TAG = 16;

/** What is sealed, and whose: bound to it, so that a row’s place cannot be passed off as another’s. */
export interface Sealing {
  readonly orgId: string;
  readonly userId: string;
  readonly id: string;
  /** Its month says which key. */
  readonly at: Date;
}

interface KeyRow {
  readonly wrapped: Buffer | null;
}

/** Of an instant, in UTC: 202611. */
export const monthOf = (at: Date): number => at.getUTCFullYear() * 100 + at.getUTCMonth() + 1;

/**
 * Where people were, sealed by AES-256-GCM under one key a person and month, which is wrapped by the hub’s secret.
 * Destroying the key takes all that it sealed along, in every copy.
 */
export class LocationKeys {
  /** Null for a key that was destroyed. */
  private readonly known: Remembered<Buffer | null>;
  private forgotten = 0;

  constructor(private readonly hub: Hub) {
    this.known = new Remembered(REMEMBERED_MS, REMEMBERED, hub.now);
  }

  start(): void {
    this.hub.changes.onChange(() => this.forget());
  }

  /** Null where the key of that month was destroyed: then nothing of it is to be kept. */
  async seal(whose: Sealing, plain: Uint8Array): Promise<Buffer | null> {
    const key = await this.keyOf(whose);
    if (!key) return null;
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(boundTo(whose));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** Null where the key was destroyed. @throws Error for bytes that were changed, or belong to something else */
  async open(whose: Sealing, sealed: Buffer): Promise<Buffer | null> {
    const key = await this.keyOf(whose);
    if (!key) return null;
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE));
    decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
    decipher.setAAD(boundTo(whose));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
  }

  /** Destroys a person’s keys, all or up to a month, in the caller’s transaction. @returns how many */
  async destroy(orgId: string, userId: string, upTo = 999_912): Promise<number> {
    const rows = await this.hub.select<{ month: number }>(
      'SELECT month FROM location_keys WHERE org_id = :orgId AND user_id = :userId AND month <= :upTo AND wrapped IS NOT NULL',
      { orgId, userId, upTo },
    );
    if (rows.length === 0) return 0;
    await this.hub.sequelize.query(
      `UPDATE location_keys SET wrapped = NULL, destroyed_at = :now
        WHERE org_id = :orgId AND user_id = :userId AND month IN (:months)`,
      { replacements: { orgId, userId, months: rows.map(({ month }) => month), now: this.hub.now() } },
    );
    // Every node has to forget what it remembers.
    await this.hub.changes.record({ orgId, userId, sessionId: null });
    this.hub.afterCommit(() => this.forget());
    return rows.length;
  }

  private forget(): void {
    this.forgotten += 1;
  }

  private async keyOf({ orgId, userId, at }: Sealing): Promise<Buffer | null> {
    const { forgotten } = this;
    const month = monthOf(at);
    const name = `${forgotten}:${orgId}:${userId}:${month}`;
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const wrapped = await this.read(orgId, userId, month);
    const key = wrapped === null ? null : Buffer.from(this.hub.secrets.open('locations', wrapped), 'base64');
    this.known.set(name, key);
    return key;
  }

  /**
   * Apart from the caller’s transaction: whoever else makes the same key must be seen, and a rollback must not undo it.
   * Statement by statement: looking for a row that is not there would lock the gap in which others make theirs.
   */
  private async read(orgId: string, userId: string, month: number): Promise<Buffer | null> {
    const find = () =>
      this.hub.reads.one<KeyRow>('SELECT wrapped FROM location_keys WHERE org_id = ? AND user_id = ? AND month = ?', [
        orgId,
        userId,
        month,
      ]);
    const found = await find();
    if (found) return found.wrapped;
    const wrapped = this.hub.secrets.seal('locations', randomBytes(32).toString('base64'));
    await this.hub.pool.query(
      `INSERT INTO location_keys (org_id, user_id, month, wrapped) VALUES (?, ?, ?, ?)
       ON DUPLICATE KEY UPDATE org_id = org_id`,
      [orgId, userId, month, wrapped],
    );
    return (await find())?.wrapped ?? null;
  }
}

const boundTo = ({ orgId, userId, id }: Sealing): Buffer => Buffer.from(`${orgId}|${userId}|${id}`);
