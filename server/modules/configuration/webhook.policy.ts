import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long after an attempt that failed the next one comes; after the last of them the delivery is given up. */
const RETRY_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR];

export const newSecret = (): string => PREFIX + randomBytes(32).toString('base64');

/** Null when enough was tried. @param attempts how many there were so far */
export const retryAfterMs = (attempts: number): number | null => RETRY_MS[attempts - 1] ?? null;

/** Any answer of the two hundreds is a receipt. */
export const isReceipt = (status: number): boolean => status >= 200 && status < 300;

/**
 * Headers by which a receiver knows that this hub sent these bytes, and when: the signature covers the id, the time and
 * the body, so neither can be changed and an old delivery cannot be sent again by somebody else.
 */
export function signatureHeaders(
  delivery: { readonly id: string; readonly body: string },
  secrets: readonly string[],
  at: Date,
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / SECOND));
  const signed = `${delivery.id}.${timestamp}.${delivery.body}`;
  return {
    'webhook-id': delivery.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${sign(secret, signed)}`).join(' '),
  };
}

const sign = (secret: string, text: string): string =>
  createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
    .update(text)
    .digest('base64');
