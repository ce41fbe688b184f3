import { accessContract } from '@loro/contracts/access';
import { defineModule } from '../../platform';
import { accessJobs } from './access.jobs';
import { accessNamespace } from './access.live';
import { accessRoutes } from './access.routes';
import { AccessService } from './access.service';
import { RoleGrantModel } from './role-grant.model';
import { RolePermissionModel } from './role-permission.model';
import { RoleModel } from './role.model';

export const access = defineModule({
  name: 'access',
  contract: accessContract,
  models: [RoleModel, RolePermissionModel, RoleGrantModel],
  service: (hub) => new AccessService(hub),
  start: (service) => service.start(),
  stop: (service) => service.stop(),
  routes: accessRoutes,
  live: accessNamespace,
  jobs: accessJobs,
});
