import { checkInsContract } from '@loro/contracts/check-ins';
import { dutyContract } from '@loro/contracts/check-ins-duty';
import { locationPrivacyContract } from '@loro/contracts/check-ins-privacy';
import { checkInSetupContract } from '@loro/contracts/check-ins-setup';
import { defineModule } from '../../platform';
import { checkInsJobs } from './check-ins.jobs';
import { checkInsNamespace } from './check-ins.live';
import { CheckInsRoom } from './check-ins.room';
import { checkInSetupRoutes, checkInsRoutes, dutyRoutes, locationPrivacyRoutes } from './check-ins.routes';

export const checkIns = defineModule({
  name: 'check-ins',
  contract: checkInsContract,
  models: [],
  service: (hub) => new CheckInsRoom(hub),
  start: (room) => room.start(),
  stop: (room) => room.stop(),
  routes: checkInsRoutes,
  live: checkInsNamespace,
  jobs: checkInsJobs,
});

// Other prefixes of the wire, the same room.

export const checkInSetup = defineModule({
  name: 'check-in-setup',
  contract: checkInSetupContract,
  models: [],
  service: (hub) => hub.use(checkIns),
  routes: checkInSetupRoutes,
});

export const locationPrivacy = defineModule({
  name: 'location-privacy',
  contract: locationPrivacyContract,
  models: [],
  service: (hub) => hub.use(checkIns),
  routes: locationPrivacyRoutes,
});

export const duty = defineModule({
  name: 'duty',
  contract: dutyContract,
  models: [],
  service: (hub) => hub.use(checkIns),
  routes: dutyRoutes,
});
