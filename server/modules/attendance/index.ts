import { attendanceContract } from '@loro/contracts/attendance';
import { defineModule } from '../../platform';
import { activity } from '../tracking';
import { attendanceJobs } from './attendance.jobs';
import { attendanceNamespace } from './attendance.live';
import { AttendanceRoom } from './attendance.room';
import { attendanceRoutes } from './attendance.routes';
import { leave } from './leave.module';

export const attendance = defineModule({
  name: 'attendance',
  contract: attendanceContract,
  models: [],
  service: (hub) => new AttendanceRoom(hub),
  start: (room, hub) => {
    room.start();
    const beside = hub.use(leave);
    room.supply(beside.supplies());
    beside.follow(room);
    hub.use(activity).compareWith((orgId, userId, { from, to }) => room.workedBetween(orgId, userId, from, to));
  },
  routes: attendanceRoutes,
  live: (room) => attendanceNamespace(room.hub),
  jobs: attendanceJobs,
});

export { leave };
