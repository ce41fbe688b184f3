import { createHash, randomBytes } from 'node:crypto';
import { type Actor, API_KEY_PREFIX } from '../../platform';

const KEY = /^loro_k1_([a-z2-7]{8})_[\w-]{43}$/;
const BASE_32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** A new key: its prefix tells which one it is, its secret is 32 random bytes. */
export function newApiKey(): { prefix: string; secret: string } {
  const prefix = Array.from(randomBytes(8), (byte) => BASE_32[byte & 31]).join('');
  return { prefix, secret: `${API_KEY_PREFIX}${prefix}_${randomBytes(32).toString('base64url')}` };
}

/** What a key is looked up by; none for a text that is no key. */
export const digestOf = (text: string): string | undefined =>
  KEY.test(text) ? createHash('sha256').update(text).digest('hex') : undefined;

/** A key may do what it was given, as long and as far as its maker may do that. */
export function grantsOfKey(permissions: readonly string[], maker: Actor['grants']): Actor['grants'] {
  const given = new Set<string>(permissions);
  return new Map([...maker].filter(([permission]) => given.has(permission)));
}
