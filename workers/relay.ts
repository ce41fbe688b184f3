import type { Hub } from '../server/platform';

const EVERY_MS = 2_000;

/**
 * Sweeps outbox rows that a crash left between the commit and the delivery, and jobs that Redis lost. Events go out
 * even while Redis is away and the jobs wait for it.
 */
export function startRelay(hub: Hub): void {
  sweep(hub, 'events', () => hub.delivery.relayEvents(hub.now()));
  sweep(hub, 'jobs', () => hub.delivery.relayJobs(hub.now()));
}

function sweep(hub: Hub, what: string, relay: () => Promise<number>): void {
  let sweeping = false;
  const once = async () => {
    if (sweeping) return;
    sweeping = true;
    try {
      const count = await relay();
      if (count > 0) hub.log.info({ what, count }, 'delivered what was left behind');
    } catch (error) {
      hub.log.warn({ err: error, what }, 'the relay failed, will repeat');
    } finally {
      sweeping = false;
    }
  };
  const timer = setInterval(() => void once(), EVERY_MS);
  hub.shutdown.add(`relay of ${what}`, () => clearInterval(timer));
}
