import type { Hub } from '../server/platform';

const EVERY_MS = 2_000;

/** Sweeps outbox rows that a crash left between the commit and the delivery. */
export function startRelay(hub: Hub): void {
  let sweeping = false;
  const sweep = async () => {
    if (sweeping) return;
    sweeping = true;
    try {
      const { events, jobs } = await hub.delivery.relay(hub.now());
      if (events + jobs > 0) hub.log.info({ events, jobs }, 'delivered what was left behind');
    } catch (error) {
      hub.log.warn({ err: error }, 'the relay failed, will repeat');
    } finally {
      sweeping = false;
    }
  };
  const timer = setInterval(() => void sweep(), EVERY_MS);
  hub.shutdown.add('relay', () => clearInterval(timer));
}
