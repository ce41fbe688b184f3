import { checkInsLive } from '@loro/contracts/check-ins';
import { trackingLive } from '@loro/contracts/tracking';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { modules } from '../../server/modules';
import { createLogger, Hub, readConfig } from '../../server/platform/boot';
import { redisOptions } from '../../server/platform/redis';
import { prepareDatabase } from '../../server/prepare';
import { serve } from '../rpc';
import { type Burst, checkIn, checkInStarted, stampedFix } from './messages';
import { makeOrganisation, type OrganisationPlan } from './people';

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
    publishStock: ({ stream, events }: Burst) => {
      for (let event = 0; event < events; event += 1)
        stock
          .of('/check-ins')
          .to(stream)
          .emit(...checkInStarted(stream, (sent += 1)));
    },
  });
}

function stockPublisher(url: string): Server {
  const redis = () => new Redis(redisOptions(url));
  return new Server({ adapter: createAdapter(redis(), redis(), { key: 'bench-stock' }) });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
