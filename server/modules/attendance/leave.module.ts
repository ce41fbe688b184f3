import { leaveContract } from '@loro/contracts/leave';
import { defineModule } from '../../platform';
import { LeaveRequestModel } from './leave-request.model';
import { LeaveTypeModel } from './leave-type.model';
import { leaveJobs } from './leave.jobs';
import { leaveNamespace } from './leave.live';
import { LeaveRoom } from './leave.room';
import { leaveRoutes } from './leave.routes';

/** Another prefix of the wire, in the same folder as attendance. */
export const leave = defineModule({
  name: 'leave',
  contract: leaveContract,
  models: [LeaveTypeModel, LeaveRequestModel],
  service: (hub) => new LeaveRoom(hub),
  start: (room) => room.start(),
  routes: leaveRoutes,
  live: leaveNamespace,
  jobs: leaveJobs,
});
