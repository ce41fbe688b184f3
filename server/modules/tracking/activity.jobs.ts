import { findTrends, judgeAlerts, pruneActivity, rollUp } from '@loro/contracts/activity-live';
import { handle, type Hub } from '../../platform';
import type { ActivityRoom } from './activity.room';

export const activityJobs = (room: ActivityRoom, hub: Hub) => [
  handle(rollUp, async () => {
    while (await room.rollup.roll());
    while (await room.digest.digest());
  }),
  handle(judgeAlerts, ({ tick }) => room.judge.judgeAll(new Date(tick))),
  handle(findTrends, async (_payload, { log }) => {
    const organisations = await hub.select<{ id: string }>("SELECT id FROM organisations WHERE status <> 'closed'");
    let done = 0;
    for (const { id } of organisations) {
      // One organisation's bad night is not the others'.
      const isDone = await room.night(id, findTrends.name).catch((err: unknown) => {
        log.warn({ err, orgId: id }, 'a night failed');
        return false;
      });
      done += Number(isDone);
    }
    if (done > 0) log.info({ done }, 'found trends');
  }),
  handle(pruneActivity, async (_payload, { log }) => {
    const changed = await room.retention.tend();
    if (changed.length > 0) log.info({ changed }, 'tended the months of activity');
  }),
];
