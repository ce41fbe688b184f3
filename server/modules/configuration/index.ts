import { configurationContract } from '@loro/contracts/configuration';
import { flagsContract } from '@loro/contracts/flags';
import { integrationsContract } from '@loro/contracts/integrations';
import { storageTargetsContract } from '@loro/contracts/storage-targets';
import { webhooksContract } from '@loro/contracts/webhooks';
import { defineModule } from '../../platform';
import { configurationJobs, integrationsJobs, storageTargetsJobs, webhooksJobs } from './configuration.jobs';
import { configurationNamespace, integrationsNamespace } from './configuration.live';
import { ConfigurationRoom } from './configuration.room';
import { configurationRoutes } from './configuration.routes';
import { flagsRoutes } from './flags.routes';
import { integrationsRoutes, storageTargetsRoutes, webhooksRoutes } from './integrations.routes';

export type { FilePlace } from './storage-targets.service';

export const configuration = defineModule({
  name: 'configuration',
  contract: configurationContract,
  models: [],
  service: (hub) => new ConfigurationRoom(hub),
  start: (room) => room.start(),
  stop: (room) => room.stop(),
  routes: configurationRoutes,
  live: configurationNamespace,
  jobs: configurationJobs,
});

// Other prefixes of the wire, the same room.

export const flags = defineModule({
  name: 'flags',
  contract: flagsContract,
  models: [],
  service: (hub) => hub.use(configuration),
  routes: flagsRoutes,
});

export const integrations = defineModule({
  name: 'integrations',
  contract: integrationsContract,
  models: [],
  service: (hub) => hub.use(configuration),
  routes: integrationsRoutes,
  live: integrationsNamespace,
  jobs: integrationsJobs,
});

export const storageTargets = defineModule({
  name: 'storage-targets',
  contract: storageTargetsContract,
  models: [],
  service: (hub) => hub.use(configuration),
  routes: storageTargetsRoutes,
  jobs: storageTargetsJobs,
});

export const webhooks = defineModule({
  name: 'webhooks',
  contract: webhooksContract,
  models: [],
  service: (hub) => hub.use(configuration),
  routes: webhooksRoutes,
  jobs: webhooksJobs,
});
