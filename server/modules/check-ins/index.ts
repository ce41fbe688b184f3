import { checkInsContract } from '@loro/contracts/check-ins';
import { defineModule } from '../../platform';
import { CheckInModel } from './check-in.model';
import { checkInsNamespace } from './check-ins.live';
import { checkInsRoutes } from './check-ins.routes';
import { CheckInsService } from './check-ins.service';

export const checkIns = defineModule({
  name: 'check-ins',
  contract: checkInsContract,
  models: [CheckInModel],
  service: (hub) => new CheckInsService(hub),
  routes: checkInsRoutes,
  live: checkInsNamespace,
});
