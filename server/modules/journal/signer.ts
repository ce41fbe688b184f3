import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson, type Hub } from '../../platform';

export interface Signature {
  /** The exact text under the signature. */
  readonly signed: string;
  readonly keyId: string;
  readonly publicKey: string;
  readonly signature: string;
}

/** What an Ed25519 private key of 32 bytes begins with in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs what the hub vouches for, with a key that follows from its secret: a copy of the database cannot sign. */
export class Signer {
  readonly keyId: string;
  readonly publicKey: string;
  private readonly privateKey: KeyObject;
  private isKnown = false;

  constructor(private readonly hub: Hub) {
    const seed = hub.secrets.hmac('journal', 'checkpoint-key');
    this.privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const key = createPublicKey(this.privateKey);
    this.publicKey = key.export({ format: 'pem', type: 'spki' }).toString();
    this.keyId = createHash('sha256')
      .update(key.export({ format: 'der', type: 'spki' }))
      .digest('hex')
      .slice(0, 16);
  }

  async sign(kind: string, said: object): Promise<Signature> {
    await this.register();
    const signed = canonicalJson({ kind, ...said });
    const { keyId, publicKey } = this;
    return { signed, keyId, publicKey, signature: sign(null, Buffer.from(signed), this.privateKey).toString('base64') };
  }

  /** Public keys of this hub by id, of earlier secrets too. */
  async publicKeys(): Promise<Map<string, string>> {
    const rows = await this.hub.select<{ keyId: string; publicKey: string }>(
      'SELECT key_id AS keyId, public_key AS publicKey FROM journal_signing_keys',
    );
    // Its own it knows by itself, whatever the table says.
    return new Map([...rows.map(({ keyId, publicKey }) => [keyId, publicKey] as const), [this.keyId, this.publicKey]]);
  }

  private async register(): Promise<void> {
    if (this.isKnown) return;
    const { keyId, publicKey, hub } = this;
    await hub.sequelize.query(
      'INSERT IGNORE INTO journal_signing_keys (key_id, public_key, made_at) VALUES (:keyId, :publicKey, :at)',
      { replacements: { keyId, publicKey, at: hub.now() } },
    );
    this.isKnown = true;
  }
}

export function isSignedBy(publicKey: string | undefined, signed: string, signature: string): boolean {
  if (publicKey === undefined) return false;
  try {
    return verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
