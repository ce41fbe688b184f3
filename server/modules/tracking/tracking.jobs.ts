import { followTracks, sweepSilent, tendPartitions } from '@loro/contracts/tracking';
import { handle, type Hub, tendMonthPartitions } from '../../platform';
import type { TrackingRoom } from './tracking.room';

export const trackingJobs = ({ follow, tracking }: TrackingRoom, hub: Hub) => [
  handle(followTracks, async (_payload, { log }) => {
    await tracking.newest.raise();
    const groups = await tracking.newest.repair();
    if (groups > 0) log.info({ groups }, 'raised newest positions that a crash left behind');
    while (await follow.follow());
  }),
  handle(sweepSilent, async (_payload, { log }) => {
    await tracking.newest.raise();
    const lost = await follow.sweepSilent();
    if (lost > 0) log.info({ lost }, 'declared trackables lost');
  }),
  handle(tendPartitions, async (_payload, { log }) => {
    const made = await tendMonthPartitions(hub.sequelize, 'fixes', hub.now());
    if (made.length > 0) log.info({ made }, 'made partitions of the fixes');
  }),
];
