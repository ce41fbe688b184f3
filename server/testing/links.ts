import type { CaughtMail } from '../platform/mail/catcher';
import type { TestHub } from './test-hub';

/** Does what waits for a worker, as one would, and answers the mails that somebody received, newest first. */
export async function lettersTo(hub: TestHub, address: string): Promise<CaughtMail[]> {
  const waiting = await hub.sql<{ id: string; payload: string }>(
    "SELECT id, payload FROM outbox_jobs WHERE name = 'auth.send-links' AND state = 'open' ORDER BY id",
  );
  for (const { id, payload } of waiting) {
    await hub.work('auth.send-links', JSON.parse(payload));
    await hub.sql("UPDATE outbox_jobs SET state = 'done' WHERE id = ?", [id]);
  }
  return hub.mails(address);
}

/** The newest letter with this subject. */
export async function letter(hub: TestHub, address: string, subject: string | RegExp): Promise<CaughtMail> {
  const letters = await lettersTo(hub, address);
  const found = letters.find((one) =>
    typeof subject === 'string' ? one.subject === subject : subject.test(one.subject),
  );
  if (!found) throw new Error(`no such letter, only: ${letters.map((one) => one.subject).join(' · ') || 'none'}`);
  return found;
}

/** What the link in a letter opens with: the last part of its fragment. */
export function tokenIn({ text }: Pick<CaughtMail, 'text'>): string {
  const token = /#\/[a-z-]+\/([\w-]{43})/.exec(text)?.[1];
  if (token === undefined) throw new Error('there is no link in this letter');
  return token;
}

/** The bare answer of a call: status, headers and body as they travel. */
export async function post(
  hub: TestHub,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; text: string; code: string | undefined }> {
  const response = await fetch(`${hub.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
  return { status: response.status, headers: response.headers, text, code };
}

/** Of calls that raced each other: what became of all, whoever won. */
export const statusesOf = (answers: readonly { status: number }[]): number[] =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b);
