import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export type Purpose =
  | 'pepper'
  | 'refresh'
  | 'cursor'
  | 'signing-keys'
  | 'mail'
  | 'factors'
  | 'tokens'
  | 'commands'
  | 'settings'
  | 'journal'
  | 'documents'
  | 'people'
  | 'licensing'
  | 'locations';

/** Keys for each purpose, derived from the one secret of the hub. */
export class Secrets {
  private readonly keys = new Map<Purpose, Buffer>();

  constructor(private readonly secret: string) {}

  hmac(purpose: Purpose, text: string): Buffer {
    return createHmac('sha256', this.key(purpose)).update(text).digest();
  }

  /** AES-256-GCM: 12 bytes of nonce, 16 of tag, then the cipher text. */
  seal(purpose: Purpose, plain: string): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key(purpose), nonce);
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** @throws Error when the secret is another one, or the bytes were changed */
  open(purpose: Purpose, sealed: Buffer): string {
    const decipher = createDecipheriv('aes-256-gcm', this.key(purpose), sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(12, 28));
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8');
  }

  private key(purpose: Purpose): Buffer {
    let key = this.keys.get(purpose);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', this.secret, 'loro-hub', purpose, 32));
      this.keys.set(purpose, key);
    }
    return key;
  }
}
