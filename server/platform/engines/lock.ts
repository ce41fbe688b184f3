import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnginesError, systemCode } from './errors';
import { identify, isStillRunning, ProcessIdentity } from './processes';

const GUARD_STALE_MS = 5_000;
const ATTEMPTS = 300;
const ATTEMPT_EVERY_MS = 25;

/**
 * Holds `<dir>/hub.lock` for this process and returns the function that gives it back.
 * The lock of a process that has ended is taken over. Throws `ENGINES_LOCKED`, naming the pid, while another one holds it.
 */
export async function lockFolder(dir: string): Promise<() => void> {
  const lock = path.join(dir, 'hub.lock');
  const draft = `${lock}.${process.pid}.${process.hrtime.bigint()}`;
  const mine = JSON.stringify(identify(process.pid));
  writeFileSync(draft, mine, { mode: 0o600 });

  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (claim(draft, lock) || takeOver(draft, lock, dir)) return () => release(lock, mine);
      await sleep(ATTEMPT_EVERY_MS);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new EnginesError(
    'ENGINES_LOCKED',
    `The lock of ${dir} could not be taken. Remove ${lock} if no hub runs there.`,
  );
}

/** A hard link appears with its content already in it, so no one ever reads half a lock. */
function claim(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Two hubs may find the same dead lock; if both replaced it, both would believe that they hold it.
 * So a folder, which only one can make, guards the moment between the second look and the exchange.
 */
function takeOver(draft: string, lock: string, dir: string): boolean {
  if (!isLeftBehind(lock, dir)) return false;

  const guard = `${lock}.takeover`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    dropStaleGuard(guard);
    return false;
  }

  try {
    if (!isLeftBehind(lock, dir)) return false;
    renameSync(draft, lock);
    return true;
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

/** The guard lives for a few system calls; an old one belongs to a process that was killed between them. */
function dropStaleGuard(guard: string): void {
  try {
    if (Date.now() - statSync(guard).mtimeMs > GUARD_STALE_MS) rmdirSync(guard);
  } catch {
    // Its owner was faster.
  }
}

/** False for a lock that was just given back: that one is to be claimed, since another hub may be claiming it too. */
function isLeftBehind(lock: string, dir: string): boolean {
  const text = readIfThere(lock);
  if (text === undefined) return false;

  const holder = parseHolder(text);
  if (!holder || !isStillRunning(holder)) return true;

  throw new EnginesError(
    'ENGINES_LOCKED',
    `Another hub (pid ${holder.pid}) already runs on ${dir}. Stop it first, give this one another data folder, ` +
      'or add a process to the running hub with "npm run node".',
  );
}

function parseHolder(text: string): ProcessIdentity | undefined {
  try {
    return ProcessIdentity.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function release(lock: string, mine: string): void {
  // Someone may have removed our lock by hand and started another hub: that lock is not ours to drop.
  if (readIfThere(lock) === mine) rmSync(lock, { force: true });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return undefined;
  }
}
