import { activityContract } from '@loro/contracts/activity';
import { trackingContract } from '@loro/contracts/tracking';
import { defineModule } from '../../platform';
import { activityJobs } from './activity.jobs';
import { activityNamespace } from './activity.live';
import { ActivityRoom } from './activity.room';
import { activityRoutes } from './activity.routes';
import { DeviceModel } from './device.model';
import { TrackableModel } from './trackable.model';
import { trackingJobs } from './tracking.jobs';
import { trackingNamespace } from './tracking.live';
import { TrackingRoom } from './tracking.room';
import { trackingRoutes } from './tracking.routes';

export const tracking = defineModule({
  name: 'tracking',
  contract: trackingContract,
  models: [TrackableModel, DeviceModel],
  service: (hub) => new TrackingRoom(hub),
  start: (room) => room.start(),
  stop: (room) => room.stop(),
  routes: trackingRoutes,
  live: trackingNamespace,
  jobs: trackingJobs,
});

/** What people do, what is measured, time and goals: a contract of its own beside the one of positions. */
export const activity = defineModule({
  name: 'activity',
  contract: activityContract,
  models: [],
  service: (hub) => new ActivityRoom(hub),
  start: (room) => room.start(),
  stop: (room) => room.stop(),
  routes: activityRoutes,
  live: activityNamespace,
  jobs: activityJobs,
});
