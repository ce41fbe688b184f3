import { trackingContract } from '@loro/contracts/tracking';
import { defineModule } from '../../platform';
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
  stop: ({ tracking: service }) => service.stop(),
  routes: trackingRoutes,
  live: trackingNamespace,
  jobs: trackingJobs,
});
