import { mkdirSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { ulid } from '../ulid';

const KEPT = 500;
const MAX_BYTES = 2 * 1024 * 1024;
const NAME = /^[0-7][0-9A-HJKMNP-TV-Z]{25}\.eml$/;

/** A mail as it was received. */
export interface CaughtMail {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly at: Date;
}

export interface MailCatcher {
  /** For `SMTP_URL`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * An SMTP server on a loopback port that keeps what it is given as files in `folder`, and passes nothing on: with it
 * every flow that sends a mail can be walked on a machine without a mail server.
 */
export async function catchMails(folder: string): Promise<MailCatcher> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MAX_BYTES,
    onData: (stream, _session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        keep(folder, Buffer.concat(parts)).then(
          () => done(),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
      });
    },
  });
  // A client that goes away in the middle of a mail has not sent it.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Listening on a port, its address is an AddressInfo.
  const { port } = server.server.address() as AddressInfo;
  const url = `smtp://127.0.0.1:${port}`;
  await writeFile(path.join(folder, 'address'), url);
  return {
    url,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Where the catcher of this folder listens, for a process that joins later. */
export const catcherOf = (folder: string): Promise<string | undefined> =>
  readFile(path.join(folder, 'address'), 'utf8').catch(() => undefined);

/** The newest mails, newest first. */
export async function caughtMails(folder: string, limit: number, before?: string): Promise<CaughtMail[]> {
  const names = (await namesIn(folder)).filter((name) => before === undefined || name < `${before}.eml`);
  const mails = await Promise.all(names.slice(0, limit).map((name) => read(folder, name)));
  return mails.filter((mail) => mail !== null);
}

/** One mail; null where there is none of this id. */
export async function caughtMail(folder: string, id: string): Promise<CaughtMail | null> {
  const name = `${id}.eml`;
  return (await namesIn(folder)).includes(name) ? read(folder, name) : null;
}

async function keep(folder: string, mail: Buffer): Promise<void> {
  const name = `${ulid()}.eml`;
  const half = path.join(folder, `${name}.part`);
  // Readers see a mail whole or not at all.
  await writeFile(half, mail, { mode: 0o600 });
  await rename(half, path.join(folder, name));
  for (const old of (await namesIn(folder)).slice(KEPT)) await rm(path.join(folder, old), { force: true });
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => NAME.test(name)).toSorted((a, b) => (a < b ? 1 : -1));
}

/** Null for one that made room for newer ones since its name was read. */
async function read(folder: string, name: string): Promise<CaughtMail | null> {
  const source = await readFile(path.join(folder, name)).catch(() => null);
  if (!source) return null;
  const mail = await simpleParser(source);
  const to = Array.isArray(mail.to) ? mail.to[0] : mail.to;
  return {
    id: name.slice(0, -4),
    to: to?.value[0]?.address ?? '',
    from: mail.from?.text ?? '',
    subject: mail.subject ?? '',
    text: (mail.text ?? '').trimEnd(),
    at: mail.date ?? new Date(0),
  };
}
