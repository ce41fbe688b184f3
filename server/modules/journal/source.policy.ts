import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Caller } from '../../platform';

const V4_BYTES_KEPT = 3;
const V6_BYTES_KEPT = 6;
const KEPT = 2_000;

/** The same few addresses and programs call again and again. */
function memo(answer: (text: string) => string | undefined): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (known.has(text)) return known.get(text);
    const found = answer(text);
    if (known.size >= KEPT) known.clear();
    known.set(text, found);
    return found;
  };
}

/** An address without what tells one household from another: /24, or /48. */
export const truncatedIp = memo((ip: string): string | undefined => {
  if (!ipaddr.isValid(ip)) return undefined;
  const address = ipaddr.process(ip);
  const kept = address.kind() === 'ipv4' ? V4_BYTES_KEPT : V6_BYTES_KEPT;
  return ipaddr.fromByteArray(address.toByteArray().map((byte, index) => (index < kept ? byte : 0))).toString();
});

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

/** What kind of program called, without the version that would single one out. */
export const agentFamily = memo((userAgent: string): string | undefined => {
  const family = FAMILIES.find(([pattern]) => pattern.test(userAgent));
  if (family) return family[1];
  const [product] = /^[\w .@-]{1,40}/.exec(userAgent.trim()) ?? [];
  return product?.trim() || undefined;
});

/** The session is told apart by its hash: the id itself opens doors. */
export const sessionHash = (sessionId: string): string => createHash('sha256').update(sessionId).digest('hex');

export interface EntryActor {
  readonly kind: 'user' | 'service' | 'portal' | 'rule' | 'system' | 'anonymous';
  readonly id?: string;
}

/** Without a caller the hub acts by itself; a caller that nobody knows yet is anonymous. */
export function actorOf(caller: Caller | undefined): EntryActor {
  if (!caller) return { kind: 'system', id: 'hub' };
  const { actor } = caller;
  if (!actor) return { kind: 'anonymous' };
  if (actor.kind === 'service') return { kind: 'service', id: actor.userId };
  const isPortal = actor.roles.length > 0 && actor.roles.every((role) => role === 'client');
  return { kind: isPortal ? 'portal' : 'user', id: actor.userId };
}
