import { licensingContract } from '@loro/contracts/licensing';
import { defineModule } from '../../platform';
import { ActivationModel } from './activation.model';
import { ChargeModel } from './charge.model';
import { LicenseKeyModel } from './license-key.model';
import { LicenseModel } from './license.model';
import { licensingJobs } from './licensing.jobs';
import { licensingNamespace } from './licensing.live';
import { LicensingRoom } from './licensing.room';
import { licensingRoutes } from './licensing.routes';
import { PlanFeatureModel, PlanVersionModel } from './plan-version.model';

export const licensing = defineModule({
  name: 'licensing',
  contract: licensingContract,
  models: [LicenseModel, LicenseKeyModel, ActivationModel, ChargeModel, PlanVersionModel, PlanFeatureModel],
  service: (hub) => new LicensingRoom(hub),
  start: (room) => room.start(),
  stop: (room) => room.stop(),
  routes: licensingRoutes,
  live: licensingNamespace,
  jobs: licensingJobs,
});
