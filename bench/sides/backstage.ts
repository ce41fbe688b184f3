import { checkInsLive } from '@loro/contracts/check-ins';
import { trackingLive } from '@loro/contracts/tracking';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { modules } from '../../server/modules';
import { journal } from '../../server/modules/journal';
import { createLogger, Hub, readConfig } from '../../server/platform/boot';
import { redisOptions } from '../../server/platform/redis';
import { prepareDatabase } from '../../server/prepare';
import { serve } from '../rpc';
import { computeWeek, planWeeks, type Week } from './days';
import { decide } from './decisions';
import { cross, type CrossingPlan } from './fence-crossings';
import { type Burst, checkIn, checkInStarted, stampedFix } from './messages';
import { makeOrganisation, type OrganisationPlan } from './people';
import { addUp } from './tracks';

/**
 * What happens elsewhere in a deployment: a hub without doors, like a worker, that makes the bench's people and publishes
 * to rooms. The gateway under measure gets those events as it always does, through Redis.
 */
async function main(): Promise<void> {
  const config = readConfig();
  await prepareDatabase(config, { demo: false, say: () => {} });
  const hub = new Hub({ config, log: createLogger('warn', 'backstage'), modules });
  hub.shutdown.onSignals();
  await hub.start();
  const stock = stockPublisher(config.REDIS_URL);
  let sent = 0;

  serve({
    organisation: (plan: OrganisationPlan) => makeOrganisation(hub, plan),
    /** One transaction, so that its events are delivered together. */
    publish: ({ stream, events }: Burst) => {
      const [orgId = '', , id = ''] = stream.split(':');
      return hub.transact(async (after) => {
        for (let event = 0; event < events; event += 1)
          after.publish(checkInsLive, 'check-in:started', { orgId, id }, checkIn(id));
      });
    },
    stamp: ({ stream }: { stream: string }) => {
      const [orgId = '', , id = ''] = stream.split(':');
      const at = new Date().toISOString();
      hub.emitLatest(trackingLive, 'fixes:moved', { orgId, id }, { at, fixes: [stampedFix()] });
    },
    storedFixes: async ({ orgId }: { orgId: string }) => {
      const [row] = await hub.select<{ stored: number }>('SELECT COUNT(*) AS stored FROM fixes WHERE org_id = :orgId', {
        orgId,
      });
      return row?.stored ?? 0;
    },
    appendEntries: (plan: Append) => appendEntries(hub, plan),
    addUpTracks: async (plan: { tracks: number; fixes: number }) => addUp(plan),
    crossFences: (plan: CrossingPlan) => cross(hub, plan),
    decide: (plan: { token: string; count: number }) => decide(hub, plan),
    planWeeks: (plan: Pick<Week, 'orgId' | 'branchId'>) => planWeeks(hub, plan),
    computeWeek: (plan: Week) => computeWeek(hub, plan),
    publishStock: ({ stream, events }: Burst) => {
      for (let event = 0; event < events; event += 1)
        stock
          .of('/check-ins')
          .to(stream)
          .emit(...checkInStarted(stream, (sent += 1)));
    },
  });
}

interface Append {
  readonly orgId: string;
  readonly writers: number;
  readonly count: number;
}

export interface Appended {
  readonly ms: number;
  readonly deadlocks: number;
  /** Entries that waited when the writers were done, and how long sealing them took. */
  readonly sealed: number;
  readonly sealMs: number;
}

/** Writers that each act and tell the journal, again and again, while a sealer chains what they said. */
async function appendEntries(hub: Hub, { orgId, writers, count }: Append): Promise<Appended> {
  const { sealer } = hub.use(journal);
  const deadlocks = async () => {
    const [row] = await hub.select<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
    return Number(row?.Value ?? 0);
  };
  const before = await deadlocks();
  const started = performance.now();
  let left = count;
  const over = new AbortController();
  const sealing = (async () => {
    while (!over.signal.aborted) {
      await sealer.sealAll();
      await sleep(200);
    }
  })();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (; left > 0; left -= 1)
        await hub.transact(async (after) =>
          after.record({ action: 'bench.appended', orgId, entity: { type: 'bench', id: '1' }, data: { left } }),
        );
    }),
  );
  const ms = performance.now() - started;
  over.abort();
  await sealing;
  const [rest] = await hub.select<{ n: number }>('SELECT COUNT(*) AS n FROM journal_entries WHERE unsealed = 1');
  const sealStarted = performance.now();
  await sealer.sealAll();
  const sealMs = performance.now() - sealStarted;
  return { ms, deadlocks: (await deadlocks()) - before, sealed: rest?.n ?? 0, sealMs };
}

function stockPublisher(url: string): Server {
  const redis = () => new Redis(redisOptions(url));
  return new Server({ adapter: createAdapter(redis(), redis(), { key: 'bench-stock' }) });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
