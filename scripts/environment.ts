import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const DATA_FOLDER = path.resolve(process.env['LORO_DATA_DIR'] ?? '.loro');

/** What a demo's mail catcher caught. */
export const MAILS = path.join(DATA_FOLDER, 'mails');

/** Reads `.env` of the current folder, where there is one; what is set already wins. */
export function readDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** The secret of a hub that was given none: made once, kept beside its data, readable by its owner alone. */
export function keptSecret(): string {
  const file = path.join(DATA_FOLDER, 'secret');
  mkdirSync(DATA_FOLDER, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 });
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}
