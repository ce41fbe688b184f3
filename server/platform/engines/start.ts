import { chmodSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { EnginesError } from './errors';
import { type EngineCrash, type EngineState, keepUp, type KeptEngine, type Watch } from './keeper';
import { lockFolder } from './lock';
import { mariadb } from './mariadb';
import { obtainBinaries } from './obtain';
import { identify } from './processes';
import { ENGINE_NAMES, type EngineName, type Log, type Recipe } from './recipe';
import { dropRecord, type EnginesRecord, readRecord, writeRecord } from './record';
import { redis } from './redis';
import { dropSocketFolder, socketFolder, socketIn } from './sockets';

export interface EnginesOptions {
  /** The data folder, usually `.loro`; made when absent, readable by its owner alone (0700). */
  readonly dir: string;
  readonly log: Log;
  /** False forbids fetching programs that are not there. True by default. */
  readonly download?: boolean;
  /** Where fetched programs are kept; by default `loro-hub/engines` in the user's cache folder. */
  readonly cacheDir?: string;
  /** Folders to look for programs in, instead of PATH and the usual ones. */
  readonly searchIn?: readonly string[];
  /** InnoDB's durability: 1 (default) a commit survives a power cut; 2 and 0 may lose the last second, for tests. */
  readonly flushLogAtCommit?: 0 | 1 | 2;
  /** Of MariaDB, for all processes of the hub together; 300 by default. */
  readonly maxConnections?: number;
}

/** The running engines of this hub. `Url` is wider only where `only` may have left one out. */
export interface Engines<Url extends string | undefined = string> {
  /** `mysql://root@localhost/hub?socketPath=…`. The same after a restart. */
  readonly databaseUrl: Url;
  /** `redis+unix:///absolute/path.sock`, percent-encoded. The same after a restart. */
  readonly redisUrl: Url;
  /** `'up'` when all answer, `'restarting'` while one is away, `'stopped'` from `stop()` on. */
  readonly state: EngineState;
  /** Tells of every crash and of every failed attempt to restart. Returns the function that ends the telling. */
  onCrash(listener: (crash: EngineCrash) => void): () => void;
  /** Ends the engines in order and gives the folder back. Safe to call twice; both calls wait for the end. */
  stop(): Promise<void>;
}

/**
 * Starts a private MariaDB and Redis on unix sockets under `dir`, and keeps them up until `stop()` or the end of this process,
 * whatever its kind. Needs Linux or macOS.
 *
 * Throws an `EnginesError`: `ENGINES_LOCKED` (another hub has the folder), `ENGINES_MISSING` (no programs, with the ways to get
 * them), `ENGINE_FAILED` (one did not come up, with the end of its log).
 * @example const engines = await startEngines({ dir: '.loro', log: (message, fields) => logger.info(fields, message) });
 */
export async function startEngines(
  options: EnginesOptions & { readonly only: readonly EngineName[] },
): Promise<Engines<string | undefined>>;
export async function startEngines(options: EnginesOptions & { readonly only?: undefined }): Promise<Engines>;
export async function startEngines(
  options: EnginesOptions & { readonly only?: readonly EngineName[] | undefined },
): Promise<Engines<string | undefined>> {
  const dir = path.resolve(options.dir);
  makePrivate(dir);
  const unlock = await lockFolder(dir);

  try {
    return await startLocked(dir, options.only ?? ENGINE_NAMES, options, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Whoever reaches the sockets is root of the database. */
function makePrivate(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // /tmp and its like carry the sticky bit; closing one of those to everybody else would stop the machine.
  if (statSync(dir).mode & 0o1000) {
    throw new EnginesError('ENGINE_FAILED', `${dir} is shared by everybody. Name a folder that is the hub's own.`);
  }
  chmodSync(dir, 0o700);
}

async function startLocked(
  dir: string,
  wanted: readonly EngineName[],
  options: EnginesOptions,
  unlock: () => void,
): Promise<Engines<string | undefined>> {
  const { log, download = true, cacheDir, searchIn, flushLogAtCommit = 1, maxConnections = 300 } = options;
  const binaries = await obtainBinaries({ wanted, log, download, cacheDir, searchIn });
  const socketDir = socketFolder(dir, readRecord(dir)?.socketDir);
  const recipes = [...binaries].map(([name, binary]): Recipe => {
    const home = path.join(dir, name);
    if (name === 'redis') return redis(binary, home, socketIn(socketDir, name));
    return mariadb(binary, home, socketIn(socketDir, name), { flushLogAtCommit, maxConnections }, log);
  });

  const urlOf = (name: EngineName) => recipes.find((recipe) => recipe.name === name)?.url;
  const record: EnginesRecord = {
    owner: identify(process.pid),
    startedAt: new Date().toISOString(),
    socketDir,
    databaseUrl: urlOf('mariadb'),
    redisUrl: urlOf('redis'),
    pids: {},
  };
  const listeners = new Set<(crash: EngineCrash) => void>();
  const watch: Watch = {
    log,
    // A listener that throws is a bug that should show itself, not one that should end the restarting.
    onCrash: (crash) => listeners.forEach((listener) => queueMicrotask(() => listener(crash))),
    onUp: (name, pid) => {
      record.pids[name] = pid;
      if (Object.keys(record.pids).length === recipes.length) writeRecord(dir, record);
    },
  };
  const stop = async (kept: readonly KeptEngine[]) => {
    await Promise.all(kept.map((engine) => engine.stop()));
    dropRecord(dir);
    dropSocketFolder(socketDir, dir);
    unlock();
  };

  const starts = await Promise.allSettled(recipes.map((recipe) => keepUp(recipe, watch)));
  const kept = starts.filter((start) => start.status === 'fulfilled').map((start) => start.value);
  const failure = starts.find((start) => start.status === 'rejected');
  if (failure) {
    await stop(kept);
    throw failure.reason;
  }

  let stopped: Promise<void> | undefined;
  return {
    databaseUrl: record.databaseUrl,
    redisUrl: record.redisUrl,
    get state() {
      return overall(kept, stopped !== undefined);
    },
    onCrash: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => (stopped ??= stop(kept)),
  };
}

function overall(kept: readonly KeptEngine[], isStopped: boolean): EngineState {
  if (isStopped) return 'stopped';
  return kept.every((engine) => engine.state === 'up') ? 'up' : 'restarting';
}
