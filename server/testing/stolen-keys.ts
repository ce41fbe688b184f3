import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { TestHub } from './test-hub';

type Header = Record<string, unknown>;

/** The hub's own keys, as somebody who stole them would have them. */
export interface StolenKeys {
  readonly signer: { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly wrapper: { readonly kid: string; readonly key: Buffer };
}

interface Row {
  readonly kid: string;
  readonly private_cipher: Buffer;
}

export async function stealKeys(hub: TestHub): Promise<StolenKeys> {
  const [signer, wrapper] = await Promise.all((['sig', 'enc'] as const).map((purpose) => stealOne(hub, purpose)));
  if (!signer || !wrapper) throw new Error('the hub has no keys');
  const privateKey = createPrivateKey(signer.secret);
  return {
    signer: { kid: signer.kid, privateKey, publicKey: createPublicKey(privateKey) },
    wrapper: { kid: wrapper.kid, key: Buffer.from(wrapper.secret, 'base64') },
  };
}

async function stealOne(hub: TestHub, purpose: 'sig' | 'enc') {
  const now = hub.clock.now();
  const [row] = await hub.sql<Row>(
    `SELECT kid, private_cipher FROM signing_keys WHERE purpose = ? AND not_before <= ? AND retire_at > ?
     ORDER BY kid DESC LIMIT 1`,
    [purpose, now, now],
  );
  return row && { kid: row.kid, secret: hub.hub.secrets.open('signing-keys', row.private_cipher) };
}

export const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A compact JWE under `dir` and A256GCM, whatever its header claims. */
export function wrap({ wrapper }: StolenKeys, text: string, header: Header = {}, key = wrapper.key): string {
  const head = part({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', cty: 'JWT', kid: wrapper.kid, ...header });
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(head));
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return [head, '', ...[nonce, body, cipher.getAuthTag()].map((bytes) => bytes.toString('base64url'))].join('.');
}

/** What is signed inside an access token. */
export function unwrap({ wrapper }: StolenKeys, token: string): string {
  const [head = '', , ...parts] = token.split('.');
  const [nonce, body, tag] = parts.map((text) => Buffer.from(text, 'base64url'));
  if (!nonce || !body || !tag) throw new Error('this is no access token');
  const decipher = createDecipheriv('aes-256-gcm', wrapper.key, nonce).setAAD(Buffer.from(head)).setAuthTag(tag);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
}
