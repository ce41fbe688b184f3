import { branchesContract } from '@loro/contracts/branches';
import { defineModule } from '../../platform';
import { AllocationModel } from './allocation.model';
import { BranchModel } from './branch.model';
import { branchesJobs } from './branches.jobs';
import { branchesNamespace } from './branches.live';
import { branchesRoutes } from './branches.routes';
import { BranchesService } from './branches.service';
import { GeofenceModel } from './geofence.model';
import { HolidayCalendarModel } from './holiday-calendar.model';
import { MembershipModel } from './membership.model';
import { ResourceModel } from './resource.model';

export { shapeOf } from './fences.policy';
export { ActiveHours } from './geofence-hours.policy';
export { FenceIndex, usualBufferM, type WatchedFence } from './geofence-index';

export const branches = defineModule({
  name: 'branches',
  contract: branchesContract,
  models: [BranchModel, GeofenceModel, MembershipModel, HolidayCalendarModel, ResourceModel, AllocationModel],
  service: (hub) => new BranchesService(hub),
  start: (service) => service.start(),
  routes: branchesRoutes,
  live: branchesNamespace,
  jobs: branchesJobs,
});
