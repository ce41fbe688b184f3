import { createHmac, timingSafeEqual } from 'node:crypto';

const WINDOW_MS = 5 * 60_000;

interface Signed {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly body: string;
}

/** As our own webhooks are signed: `v1,` and the base64 of HMAC-SHA256 over id, time and body. */
export function signature({ id, timestamp, body }: Signed, secret: string): string {
  const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return `v1,${digest}`;
}

/** Whether somebody who knows the secret said this, at most five minutes ago. Several signatures may stand there. */
export function isSigned(said: Signed & { readonly signatures: string }, secret: string, now: Date): boolean {
  const at = Number(said.timestamp) * 1_000;
  if (said.id === '' || !Number.isFinite(at) || Math.abs(now.getTime() - at) > WINDOW_MS) return false;
  const expected = Buffer.from(signature(said, secret));
  return said.signatures.split(' ').some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
