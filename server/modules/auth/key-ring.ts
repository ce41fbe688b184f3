import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import { type Hub, ulid } from '../../platform';

const KEY_LIFE_MS = 90 * 86_400_000;
const VERIFIES_LONGER_MS = 86_400_000;
/** A successor is there this long before it is used, so that every node and every reader of the JWKS knows it by then. */
const AHEAD_MS = 3 * 86_400_000;
const FORGOTTEN_AFTER_MS = 30 * 86_400_000;
const RELOAD_MS = 5_000;

interface Life {
  readonly kid: string;
  readonly notBefore: Date;
  readonly retireAt: Date;
}

/** Signs access tokens: ES256. */
export interface SigningKey extends Life {
  readonly purpose: 'sig';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** Wraps them: A256GCM. */
export interface WrappingKey extends Life {
  readonly purpose: 'enc';
  readonly key: webcrypto.CryptoKey;
}

type Key = SigningKey | WrappingKey;
type Purpose = Key['purpose'];
type KeyFor<P extends Purpose> = Extract<Key, { purpose: P }>;

interface Row {
  readonly kid: string;
  readonly purpose: Purpose;
  readonly public_jwk: string | null;
  readonly private_cipher: Buffer;
  readonly not_before: Date;
  readonly retire_at: Date;
}

/** The keys of access tokens, shared by all nodes through the database, each for ninety days and a day of goodwill. */
export class KeyRing {
  private keys = new Map<string, Key>();
  private loadedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly hub: Hub) {}

  async start(): Promise<void> {
    await this.load();
    await this.rotate();
  }

  /** What is signed or wrapped with now. */
  async current<P extends Purpose>(purpose: P): Promise<KeyFor<P>> {
    const known = this.newest(purpose);
    if (known) return known;
    // The workers' daily look did not happen for long enough that the last key retired.
    await this.rotate();
    const made = this.newest(purpose);
    if (!made) throw new Error(`there is no key to ${purpose} with`);
    return made;
  }

  async find<P extends Purpose>(purpose: P, kid: string): Promise<KeyFor<P> | undefined> {
    // Another node may have made a key since; made-up ids must not become a query each.
    if (!this.keys.has(kid) && this.isStale()) await this.load();
    const key = this.keys.get(kid);
    return key && isFor(key, purpose) && this.verifies(key) ? key : undefined;
  }

  /** The public halves, those to come included. */
  async published(): Promise<Record<string, unknown>[]> {
    if (this.isStale()) await this.load();
    return [...this.keys.values()].flatMap((key) =>
      key.purpose === 'sig' && this.verifies(key) ? [{ ...key.jwk, kid: key.kid, alg: 'ES256', use: 'sig' }] : [],
    );
  }

  /**
   * Makes the successor of a key that retires soon, which takes over at that instant, and forgets keys that have
   * long verified nothing. Safe to run as often and on as many nodes as one likes.
   */
  async rotate(): Promise<void> {
    await this.hub.transact(async () => {
      // Two nodes with an empty table lock its gap both, and one of the two inserts fails: that unit runs again and
      // finds the other's key.
      const rows = await this.hub.select<Pick<Row, 'purpose' | 'not_before' | 'retire_at'>>(
        'SELECT purpose, not_before, retire_at FROM signing_keys FOR UPDATE',
      );
      const now = this.hub.now();
      for (const purpose of ['sig', 'enc'] as const) {
        const end = coveredUntil(
          now,
          rows.filter((row) => row.purpose === purpose),
        );
        if (end.getTime() <= now.getTime() + AHEAD_MS) await this.make(purpose, end);
      }
      await this.hub.sequelize.query('DELETE FROM signing_keys WHERE retire_at < ?', {
        replacements: [new Date(now.getTime() - FORGOTTEN_AFTER_MS)],
      });
    });
    await this.load();
  }

  private newest<P extends Purpose>(purpose: P): KeyFor<P> | undefined {
    const now = this.hub.now();
    let newest: KeyFor<P> | undefined;
    for (const key of this.keys.values())
      if (isFor(key, purpose) && key.notBefore <= now && key.retireAt > now && (newest?.kid ?? '') < key.kid)
        newest = key;
    return newest;
  }

  private isStale(): boolean {
    return this.hub.now().getTime() - this.loadedAt > RELOAD_MS;
  }

  private verifies({ retireAt }: Life): boolean {
    return retireAt.getTime() + VERIFIES_LONGER_MS > this.hub.now().getTime();
  }

  private async load(): Promise<void> {
    this.loadedAt = this.hub.now().getTime();
    const rows = await this.hub.select<Row>(
      'SELECT kid, purpose, public_jwk, private_cipher, not_before, retire_at FROM signing_keys WHERE retire_at > :deadline',
      { deadline: new Date(this.hub.now().getTime() - VERIFIES_LONGER_MS) },
    );
    const keys = await Promise.all(rows.map(async (row) => this.keys.get(row.kid) ?? this.open(row)));
    this.keys = new Map(keys.map((key) => [key.kid, key]));
  }

  private async open({ kid, purpose, public_jwk, private_cipher, ...row }: Row): Promise<Key> {
    const secret = this.hub.secrets.open('signing-keys', private_cipher);
    const life = { kid, notBefore: row.not_before, retireAt: row.retire_at };
    if (purpose === 'enc') {
      const bytes = Buffer.from(secret, 'base64');
      const key = await webcrypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
      return { ...life, purpose, key };
    }
    const privateKey = createPrivateKey(secret);
    const jwk: Record<string, unknown> = JSON.parse(public_jwk ?? '{}');
    return { ...life, purpose, privateKey, publicKey: createPublicKey(privateKey), jwk };
  }

  private async make(purpose: Purpose, notBefore: Date): Promise<void> {
    const { secret, jwk } = purpose === 'sig' ? signer() : { secret: randomBytes(32).toString('base64'), jwk: null };
    await this.hub.sequelize.query(
      'INSERT INTO signing_keys (kid, purpose, public_jwk, private_cipher, not_before, retire_at) VALUES (?, ?, ?, ?, ?, ?)',
      {
        replacements: [
          ulid(),
          purpose,
          jwk,
          this.hub.secrets.seal('signing-keys', secret),
          notBefore,
          new Date(notBefore.getTime() + KEY_LIFE_MS),
        ],
      },
    );
  }
}

/** Until when there is a key at every instant from now on; now, where there is none. */
function coveredUntil(now: Date, lives: readonly Pick<Row, 'not_before' | 'retire_at'>[]): Date {
  let end = now;
  for (const { not_before, retire_at } of lives.toSorted((a, b) => a.not_before.getTime() - b.not_before.getTime()))
    if (not_before <= end && retire_at > end) end = retire_at;
  return end;
}

const isFor = <P extends Purpose>(key: Key, purpose: P): key is KeyFor<P> => key.purpose === purpose;

function signer(): { secret: string; jwk: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    jwk: JSON.stringify(publicKey.export({ format: 'jwk' })),
  };
}
