import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Engines, startEngines } from '../platform/engines';
import { catchMails, type MailCatcher } from '../platform/mail/catcher';

export interface Shared {
  engines?: Engines;
  catcher?: MailCatcher;
}

/**
 * One private pair of engines for the whole run, on fresh data. A server that `DATABASE_URL` names is never touched;
 * `LORO_TEST_DATABASE_URL` names one that tests may fill.
 */
export default async function globalSetup(): Promise<void> {
  const mails = mkdtempSync(path.join(tmpdir(), 'loro-mails-'));
  const catcher = await catchMails(mails);
  process.env['LORO_TEST_SMTP_URL'] = catcher.url;
  process.env['LORO_TEST_MAILS'] = mails;
  (globalThis as Shared).catcher = catcher;
  const { LORO_TEST_DATABASE_URL: database, LORO_TEST_REDIS_URL: redis } = process.env;
  if (database !== undefined && redis !== undefined) return;
  const engines = await startEngines({
    dir: mkdtempSync(path.join(tmpdir(), 'loro-test-')),
    log: (message) => process.stderr.write(`${message}\n`),
    download: process.env['LORO_ENGINES'] !== 'off',
    flushLogAtCommit: 0,
  });
  process.env['LORO_TEST_DATABASE_URL'] ??= engines.databaseUrl;
  process.env['LORO_TEST_REDIS_URL'] ??= engines.redisUrl;
  (globalThis as Shared).engines = engines;
}
