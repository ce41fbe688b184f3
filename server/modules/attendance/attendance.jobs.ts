import { computeDay, takeCheckIn } from '@loro/contracts/attendance-jobs';
import {
  planBranch,
  recomputeDays,
  reportEvening,
  reportMorning,
  tickDays,
  watchOvertime,
} from '@loro/contracts/attendance-live';
import { handle } from '../../platform';
import type { AttendanceRoom } from './attendance.room';

export const attendanceJobs = (room: AttendanceRoom) => [
  handle(takeCheckIn, ({ orgId, checkInId }) => room.takeCheckIn(orgId, checkInId)),
  handle(computeDay, ({ orgId, userId, date }) => room.computeDay(orgId, userId, date)),
  handle(tickDays, async (_payload, { log }) => {
    const { looked } = await room.ticking.tick();
    if (looked > 0) log.info({ looked }, 'looked at days whose time had come');
  }),
  handle(planBranch, ({ orgId, branchId, date }) => room.ticking.plan(orgId, branchId, date)),
  handle(recomputeDays, async ({ orgId, userIds, from, to }, { log }) => {
    const done = await room.computing.compute(orgId, userIds, from, to);
    log.info(done, 'computed days anew');
  }),
  handle(reportMorning, ({ orgId, branchId, date }) => room.watching.report(orgId, branchId, date, 'morning')),
  handle(reportEvening, ({ orgId, branchId, date }) => room.watching.report(orgId, branchId, date, 'evening')),
  handle(watchOvertime, async (_payload, { log }) => {
    const warned = await room.watching.watchOvertime();
    if (warned > 0) log.info({ warned }, 'warned of overtime');
  }),
];
