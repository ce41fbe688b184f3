import { createHmac } from 'node:crypto';
import { canonicalJson } from '../../platform';
import type { JournalEntry } from '@loro/contracts/journal-entries';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** How long after a failure the next try comes; it is never given up, for nothing may be lost. */
const WAITS_MS = [10 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];
const LONGEST_MS = 60 * MINUTE_MS;

/** @param failures how many in a row there were, this one among them */
export const waitAfter = (failures: number): number => WAITS_MS[failures - 1] ?? LONGEST_MS;

/** Lines of a webhook’s body. */
export const linesOf = (entries: readonly JournalEntry[]): string =>
  entries.map((entry) => `${canonicalJson(entry)}\n`).join('');

/** As every webhook of the hub is signed: over its id, its time and its body. */
export function webhookHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  secret: string,
  at: Date,
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / SECOND_MS));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** Of syslog: 13 is the log of audits, and a smaller number is graver. */
const FACILITY = 13;
const SEVERITIES = { debug: 7, info: 6, notice: 5, warning: 4, error: 3, critical: 2 } as const;
/** RFC 5424: what stands in a value that would end it. */
const quoted = (text: string): string => text.replaceAll(/["\\\]]/g, (sign) => `\\${sign}`);
const word = (text: string, most: number): string => text.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, most) || '-';

/** One message of RFC 5424, with its length before it (RFC 6587 §3.4.1). */
export function syslogOf(entry: JournalEntry, node: string): Buffer {
  const { severity, at, action, id, seq, orgId, actor, entity, outcome, hash } = entry;
  const known = {
    org: orgId,
    seq: String(seq ?? 0),
    type: entry.type,
    outcome,
    actor: `${actor.kind}:${actor.id ?? ''}`,
    ...(entity && { entity: `${entity.type}:${entity.id}` }),
    ...(hash !== null && { hash }),
  };
  const data = Object.entries(known)
    .map(([name, value]) => `${name}="${quoted(value)}"`)
    .join(' ');
  const head = `<${FACILITY * 8 + SEVERITIES[severity]}>1 ${at} ${word(node, 255)} loro-hub - ${word(action, 32)}`;
  // The mark says that what follows is UTF-8.
  const text = Buffer.from(`${head} [loro@32473 id="${id}" ${data}] \ufeff${canonicalJson(entry.data)}`, 'utf8');
  return Buffer.concat([Buffer.from(`${text.length} `, 'ascii'), text]);
}
