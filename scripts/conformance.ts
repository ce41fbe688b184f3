import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEngines } from '../server/platform/engines';
import { openProfile } from './conformance/profile';

/**
 * Listens as the public conformance suites of Socket.IO v5 (`/socket.io/`) and Engine.IO v4 (`/engine.io/`) expect, on
 * the transport, the adapter and the fast path of the hub itself. `LIVE_FAST_PATH=off` shows the stock path instead.
 */
async function main(): Promise<void> {
  const { REDIS_URL: given, PORT: port = '3000', LIVE_FAST_PATH: fast = 'on' } = process.env;
  const folder = given === undefined ? mkdtempSync(path.join(tmpdir(), 'loro-conformance-')) : null;
  const engines = folder === null ? null : await startEngines({ dir: folder, only: ['redis'], log: say });
  const putAway = async () => {
    await engines?.stop();
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const redisUrl = given ?? engines?.redisUrl ?? '';
    const profile = await openProfile({ redisUrl, port: Number(port), fast: fast !== 'off' });
    say(`http://localhost:${profile.port} speaks for the suites, on the ${profile.isFast ? 'fast' : 'stock'} path`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(
        signal,
        () =>
          void profile
            .close()
            .then(putAway)
            .then(() => process.exit(0)),
      );
  } catch (error) {
    await putAway();
    throw error;
  }
}

function say(message: string): void {
  console.log(message);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
