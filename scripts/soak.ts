import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startEngines } from '../server/platform/engines';
import { Cleanup } from './soak/cleanup';
import { EngineFaults } from './soak/faults';
import { type SideResult, soakHub } from './soak/hub';
import { readOptions, type Side, type SoakOptions } from './soak/options';
import { complaints, isSound, table } from './soak/report';
import { soakStock } from './soak/stock';

const startedAt = Date.now();
const say = (text: string): void =>
  console.log(`${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s  ${text}`);

/** One side from empty engines to its verdict; everything that it started is ended, whatever happens. */
async function soak(side: Side, options: SoakOptions, dir: string, signal: AbortSignal): Promise<SideResult> {
  const cleanup = new Cleanup();
  const data = path.join(dir, side);
  const logs = path.join(dir, 'logs');
  mkdirSync(logs, { recursive: true });
  try {
    const engines = await startEngines({ dir: data, log: (message) => say(message) });
    cleanup.add(async () => {
      await engines.stop();
      rmSync(data, { recursive: true, force: true });
    });
    const faults = new EngineFaults(data, engines.redisUrl, signal);
    const stage = { options, engines, faults, logs, cleanup, signal, say };
    return await (side === 'hub' ? soakHub(stage) : soakStock(stage));
  } finally {
    say(`${side}: ending its processes`);
    await cleanup.run();
  }
}

/**
 * Proves that nothing is lost: publishes while lines are cut, gateways and workers killed, Redis stopped and emptied
 * and MySQL killed, and holds what every client was given against the log. Stock Socket.IO goes the same way beside it.
 */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
  const dir = mkdtempSync(path.join(tmpdir(), 'loro-soak-'));
  const delay = monitorEventLoopDelay();
  delay.enable();

  const results = new Map<Side, SideResult>();
  try {
    for (const side of options.sides) results.set(side, await soak(side, options, dir, interrupted.signal));
  } catch (error) {
    if (!interrupted.signal.aborted)
      throw new Error(`The soak broke off; its logs are in ${dir}/logs.`, { cause: error });
    rmSync(dir, { recursive: true, force: true });
    throw interrupted.signal.reason;
  }

  const hub = results.get('hub');
  console.log(`\n${table(results)}\n`);
  console.log(`this program’s own delay: p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms`);
  const wrong = hub ? complaints(hub) : [];
  for (const text of wrong) console.log(text);
  if (hub && !isSound(hub)) {
    console.log(`\nNot as promised. The logs are in ${dir}/logs.`);
    process.exitCode = 1;
    return;
  }
  rmSync(dir, { recursive: true, force: true });
  if (hub) console.log('\nNothing was lost, nothing came twice, nothing came out of order.');
}

main()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof Error && error.cause !== undefined) console.error(error.cause);
    process.exitCode = 1;
  })
  // Sockets of clients that were given up may still have timers.
  .finally(() => process.exit());
