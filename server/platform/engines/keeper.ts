import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnginesError, messageOf } from './errors';
import { commandLine, isAlive } from './processes';
import { type EngineName, type Log, type Recipe, TITLES } from './recipe';
import { tailOf, tether, type Tethered, type TetherOptions } from './tether';

/** InnoDB reads its log again after a crash, and a slow disk may take its time over it. */
const READY_WITHIN_MS = 60_000;
/** A little more than the 8 s after which the supervisor of the earlier hub kills what will not end. */
const LEFTOVER_ENDS_WITHIN_MS = 10_000;
const BACK_OFF_FIRST_MS = 200;
const BACK_OFF_MOST_MS = 10_000;
/** An engine that stayed up this long is sound, and its next crash begins a new series. */
const SOUND_AFTER_MS = 30_000;

export type EngineState = 'up' | 'restarting' | 'stopped';

export interface EngineCrash {
  readonly engine: EngineName;
  /** As a shell tells it, 128 + n after signal n; null when it cannot be known. */
  readonly exitStatus: number | null;
  readonly restartInMs: number;
}

export interface Watch {
  readonly log: Log;
  readonly onCrash: (crash: EngineCrash) => void;
  /** Called with every start, the first included. */
  readonly onUp: (engine: EngineName, pid: number) => void;
}

/** An engine that is started again whenever it ends by itself. */
export interface KeptEngine {
  readonly state: EngineState;
  stop(): Promise<void>;
}

/** Starts an engine and keeps it up until `stop`. Throws `ENGINE_FAILED` when the first start fails; later ones are tried again. */
export async function keepUp(recipe: Recipe, watch: Watch): Promise<KeptEngine> {
  const stopping = new AbortController();
  let child = await bringUp(recipe, watch, stopping.signal);
  let state: EngineState = 'up';

  const startAgain = async (afterMs: number): Promise<Tethered | undefined> => {
    try {
      await sleep(afterMs, undefined, { signal: stopping.signal });
      return await bringUp(recipe, watch, stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) watch.log(`${TITLES[recipe.name]} could not be started again: ${messageOf(error)}`);
      return undefined;
    }
  };

  const keep = async () => {
    for (let failures = 0; ;) {
      const upSince = performance.now();
      let exitStatus = await child.exited;
      if (performance.now() - upSince > SOUND_AFTER_MS) failures = 0;

      state = 'restarting';
      while (state === 'restarting') {
        if (stopping.signal.aborted) return;
        const restartInMs = Math.min(BACK_OFF_FIRST_MS * 2 ** failures++, BACK_OFF_MOST_MS);
        watch.log(`${TITLES[recipe.name]} has ended by itself, starting it again`, { exitStatus, restartInMs });
        watch.onCrash({ engine: recipe.name, exitStatus, restartInMs });

        const next = await startAgain(restartInMs);
        exitStatus = null;
        if (!next) continue;
        child = next;
        state = 'up';
      }
    }
  };
  const keeping = keep();

  return {
    get state() {
      return stopping.signal.aborted ? 'stopped' : state;
    },
    stop: async () => {
      stopping.abort();
      await child.end();
      await keeping;
    },
  };
}

async function bringUp(recipe: Recipe, watch: Watch, stopping: AbortSignal): Promise<Tethered> {
  const startedAt = performance.now();
  const launch = recipe.launch();
  await awaitLeftover(recipe, launch, watch.log);
  await recipe.prepare();

  const child = await tether(launch);
  try {
    await awaitReady(recipe, launch, child, stopping);
    stopping.throwIfAborted();
    watch.onUp(recipe.name, child.pid);
  } catch (error) {
    await child.end();
    throw error;
  }
  watch.log(`${TITLES[recipe.name]} is up`, { pid: child.pid, ms: Math.round(performance.now() - startedAt) });
  return child;
}

async function awaitReady(
  recipe: Recipe,
  launch: TetherOptions,
  child: Tethered,
  stopping: AbortSignal,
): Promise<void> {
  let hasEnded = false;
  void child.exited.then(() => (hasEnded = true));
  const startedAt = performance.now();

  while (!(await recipe.isReady())) {
    const waitedMs = performance.now() - startedAt;
    if (hasEnded || stopping.aborted || waitedMs > READY_WITHIN_MS) {
      const fate = hasEnded ? 'ended instead of coming up' : `did not come up within ${Math.round(waitedMs / 1000)} s`;
      const { logFile } = launch;
      const tail = tailOf(logFile);
      throw new EnginesError('ENGINE_FAILED', `${TITLES[recipe.name]} ${fate}. The end of ${logFile}:\n${tail}`);
    }
    await sleep(waitedMs < 1_000 ? 10 : 50);
  }
}

/** The engine of a hub that was killed may still be writing its data out; a second one on the same files would spoil them. */
async function awaitLeftover(recipe: Recipe, { pidFile }: TetherOptions, log: Log): Promise<void> {
  const title = TITLES[recipe.name];
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  const isLeft = () => pid > 0 && isAlive(pid) && commandLine(pid).includes(recipe.home + path.sep);

  if (isLeft()) {
    log(`${title} of an earlier hub is still ending, waiting for it`, { pid });
    tellToEnd(pid);
  }
  const deadline = performance.now() + LEFTOVER_ENDS_WITHIN_MS;
  while (isLeft()) {
    if (performance.now() > deadline) {
      throw new EnginesError('ENGINE_FAILED', `${title} of an earlier hub (pid ${pid}) does not end. End it by hand.`);
    }
    await sleep(20);
  }
  // No process of ours, yet someone answers: a hub in another container with the same folder, whose pids are not seen here.
  if (await recipe.isReady()) {
    throw new EnginesError('ENGINES_LOCKED', `A ${title} that this hub did not start already serves ${recipe.home}.`);
  }
}

/** Its supervisor has told it already, unless that was killed too. */
function tellToEnd(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended since.
  }
}
