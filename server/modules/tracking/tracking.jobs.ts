import {
  closeMonths,
  computeDays,
  followTracks,
  keepTracks,
  sweepSilent,
  tendPartitions,
} from '@loro/contracts/tracking-jobs';
import { handle, type Hub, tendMonthPartitions } from '../../platform';
import type { TrackingRoom } from './tracking.room';

export const trackingJobs = ({ follow, tracking, liveDays, days, keeping, mileage }: TrackingRoom, hub: Hub) => [
  handle(followTracks, async (_payload, { log }) => {
    await tracking.newest.raise();
    const groups = await tracking.newest.repair();
    if (groups > 0) log.info({ groups }, 'raised newest positions that a crash left behind');
    while (await follow.follow());
  }),
  handle(computeDays, async () => {
    await tracking.newest.raise();
    while (await liveDays.follow());
    await days.sweep();
    while (await days.compute());
  }),
  handle(sweepSilent, async (_payload, { log }) => {
    await tracking.newest.raise();
    const lost = await follow.sweepSilent();
    if (lost > 0) log.info({ lost }, 'declared trackables lost');
  }),
  handle(tendPartitions, async (_payload, { log }) => {
    const made = await tendMonthPartitions(hub.sequelize, 'fixes', hub.now());
    const dropped = await keeping.dropMonths();
    if (made.length + dropped.length > 0) log.info({ made, dropped }, 'made and dropped partitions of the fixes');
  }),
  handle(keepTracks, async (_payload, { log }) => {
    const { coarse, removed } = await keeping.keep();
    if (coarse + removed > 0) log.info({ coarse, removed }, 'made days coarse and removed fixes');
  }),
  handle(closeMonths, async (_payload, { log }) => {
    const closed = await mileage.closeDue();
    if (closed > 0) log.info({ closed }, 'closed months of mileage');
  }),
];
