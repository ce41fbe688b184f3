import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { EnginesError } from './errors';
import { isStillRunning, ProcessIdentity } from './processes';

/** What the owner of the engines writes into `engines.json`, for processes beside it and for its own next start. */
const EnginesRecord = z.object({
  owner: ProcessIdentity,
  startedAt: z.iso.datetime(),
  socketDir: z.string(),
  databaseUrl: z.string().optional(),
  redisUrl: z.string().optional(),
  pids: z.partialRecord(z.enum(['mariadb', 'redis']), z.number().int()),
});
export type EnginesRecord = z.infer<typeof EnginesRecord>;

/** The engines of a hub that runs on the same data folder. */
export interface AttachedEngines {
  /** Undefined when that hub was given a `DATABASE_URL`; the same one is then needed here. */
  readonly databaseUrl: string | undefined;
  /** Undefined when that hub was given a `REDIS_URL`. */
  readonly redisUrl: string | undefined;
  readonly ownerPid: number;
  readonly startedAt: Date;
}

const fileIn = (dir: string) => path.join(dir, 'engines.json');

/**
 * Reads what the hub that owns `dir` (usually `.loro`) has written down. It stays the owner: its engines end with it.
 * Throws `ENGINES_NOT_RUNNING` when no hub runs there.
 * @example const { databaseUrl, redisUrl } = attachEngines('.loro');
 */
export function attachEngines(dir: string): AttachedEngines {
  const folder = path.resolve(dir);
  const record = readRecord(folder);
  if (!record || !isStillRunning(record.owner)) {
    const last = record ? ` (the last one, pid ${record.owner.pid}, has ended)` : '';
    throw new EnginesError(
      'ENGINES_NOT_RUNNING',
      `No hub with engines of its own runs on ${folder}${last}. Start one with "npm start", or set DATABASE_URL and REDIS_URL.`,
    );
  }

  const { databaseUrl, redisUrl, owner, startedAt } = record;
  return { databaseUrl, redisUrl, ownerPid: owner.pid, startedAt: new Date(startedAt) };
}

/** Undefined when there is none, or none that can be understood. */
export function readRecord(dir: string): EnginesRecord | undefined {
  try {
    return EnginesRecord.safeParse(JSON.parse(readFileSync(fileIn(dir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Replaces the record as a whole, so that a process which attaches never reads half of one. */
export function writeRecord(dir: string, record: EnginesRecord): void {
  const draft = `${fileIn(dir)}.part`;
  writeFileSync(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, fileIn(dir));
}

export function dropRecord(dir: string): void {
  rmSync(fileIn(dir), { force: true });
}
