import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Hub, Remembered } from '../../platform';
import { type PersonalValue, type Subject, valueOf } from './draft.policy';

const KEYS_FOR_MS = 60_000;
const KEYS_KEPT = 10_000;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What is shown of a value whose key was destroyed. */
export const ERASED = '[erased]';

interface KeyRow {
  readonly type: string;
  readonly id: string;
  readonly wrapped: Buffer | null;
}

const nameOf = ({ type, id }: Subject): string => `${type}:${id}`;

/** Personal values, each under the key of whom it is about: without the key nobody reads it again. */
export class PersonalStore {
  private readonly keys: Remembered<Buffer>;

  constructor(private readonly hub: Hub) {
    this.keys = new Remembered(KEYS_FOR_MS, KEYS_KEPT, hub.now);
  }

  /** Seals values in the transaction under way. Those of somebody who was erased are not kept at all. */
  async keep(orgId: string, values: readonly PersonalValue[]): Promise<void> {
    if (values.length === 0) return;
    const keys = await this.keysFor(orgId, values);
    const rows = values.flatMap(({ ref, entryId, subject, plain }) => {
      const key = keys.get(nameOf(subject));
      return key ? [[orgId, ref, entryId, subject.type, subject.id, encrypt(key, plain)]] : [];
    });
    if (rows.length === 0) return;
    await this.hub.sequelize.query(
      `INSERT INTO journal_pii (org_id, ref, entry_id, subject_type, subject_id, cipher)
       VALUES ${rows.map(() => '(?,?,?,?,?,?)').join(',')}`,
      { replacements: rows.flat() },
    );
  }

  /** The values behind references, as far as their keys stand. */
  async open(orgId: string, refs: readonly string[]): Promise<Map<string, unknown>> {
    if (refs.length === 0) return new Map();
    const rows = await this.hub.select<KeyRow & { ref: string; cipher: Buffer }>(
      `SELECT p.ref, p.cipher, p.subject_type AS type, p.subject_id AS id, k.wrapped_key AS wrapped FROM journal_pii p
       JOIN journal_pii_keys k ON k.org_id = p.org_id AND k.subject_type = p.subject_type AND k.subject_id = p.subject_id
       WHERE p.org_id = :orgId AND p.ref IN (:refs) AND k.wrapped_key IS NOT NULL`,
      { orgId, refs },
    );
    return new Map(
      rows.flatMap(({ ref, cipher, wrapped }) => {
        const key = wrapped && this.unwrap(wrapped);
        return key ? [[ref, valueOf(decrypt(key, cipher))] as const] : [];
      }),
    );
  }

  /** Destroys the key of a subject: what was sealed under it is gone, in every backup that lacks the keys too. */
  async erase(orgId: string, subject: Subject): Promise<void> {
    const at = this.hub.now();
    // A subject without a key gets a destroyed one, so that nothing is kept of it later either.
    await this.hub.sequelize.query(
      `INSERT INTO journal_pii_keys (org_id, subject_type, subject_id, wrapped_key, made_at, destroyed_at)
       VALUES (:orgId, :type, :id, NULL, :at, :at) ON DUPLICATE KEY UPDATE wrapped_key = NULL, destroyed_at = :at`,
      { replacements: { orgId, ...subject, at } },
    );
    this.keys.delete(`${orgId}:${nameOf(subject)}`);
  }

  private async keysFor(orgId: string, values: readonly PersonalValue[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    const wanted = new Map<string, Subject>();
    for (const { subject } of values) {
      const key = this.keys.get(`${orgId}:${nameOf(subject)}`);
      if (key) found.set(nameOf(subject), key);
      else wanted.set(nameOf(subject), subject);
    }
    if (wanted.size === 0) return found;
    const stored = await this.stored(orgId, [...wanted.values()], '');
    for (const { wrapped, ...subject } of stored) {
      wanted.delete(nameOf(subject));
      if (!wrapped) continue;
      const key = this.unwrap(wrapped);
      found.set(nameOf(subject), key);
      this.keys.set(`${orgId}:${nameOf(subject)}`, key);
    }
    for (const [name, key] of await this.make(orgId, [...wanted.values()])) found.set(name, key);
    return found;
  }

  /** In the transaction under way, and so not remembered yet: it may be rolled back, its key with it. */
  private async make(orgId: string, subjects: readonly Subject[]): Promise<[string, Buffer][]> {
    if (subjects.length === 0) return [];
    // In one order everywhere, so that two transactions do not wait for each other.
    const rows = subjects
      .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      .map(({ type, id }) => [orgId, type, id, this.wrap(randomBytes(KEY_BYTES)), this.hub.now()]);
    await this.hub.sequelize.query(
      `INSERT INTO journal_pii_keys (org_id, subject_type, subject_id, wrapped_key, made_at)
       VALUES ${rows.map(() => '(?,?,?,?,?)').join(',')} ON DUPLICATE KEY UPDATE made_at = made_at`,
      { replacements: rows.flat() },
    );
    // Another transaction may have been first: then its key counts, which this one's older view does not show.
    const made = await this.stored(orgId, subjects, 'FOR UPDATE');
    return made.flatMap(({ wrapped, ...subject }): [string, Buffer][] =>
      wrapped ? [[nameOf(subject), this.unwrap(wrapped)]] : [],
    );
  }

  private stored(orgId: string, subjects: readonly Subject[], lock: '' | 'FOR UPDATE'): Promise<KeyRow[]> {
    const pairs = subjects.map(({ type, id }) => [type, id]);
    return this.hub.select<KeyRow>(
      `SELECT subject_type AS type, subject_id AS id, wrapped_key AS wrapped FROM journal_pii_keys
       WHERE org_id = :orgId AND (subject_type, subject_id) IN (:pairs) ORDER BY subject_type, subject_id ${lock}`,
      { orgId, pairs },
    );
  }

  private wrap(key: Buffer): Buffer {
    return this.hub.secrets.seal('journal', key.toString('base64'));
  }

  private unwrap(wrapped: Buffer): Buffer {
    return Buffer.from(this.hub.secrets.open('journal', wrapped), 'base64');
  }
}

function encrypt(key: Buffer, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
