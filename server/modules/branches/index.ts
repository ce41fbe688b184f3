import { branchesContract } from '@loro/contracts/branches';
import { defineModule } from '../../platform';
import { BranchModel } from './branch.model';
import { branchesNamespace } from './branches.live';
import { branchesRoutes } from './branches.routes';
import { BranchesService } from './branches.service';

export type { Fence } from './branches.service';

export const branches = defineModule({
  name: 'branches',
  contract: branchesContract,
  models: [BranchModel],
  service: (hub) => new BranchesService(hub),
  start: (service, hub) => {
    hub.ports.hasBranch = (orgId, branchId) => service.exists(orgId, branchId);
  },
  routes: branchesRoutes,
  live: branchesNamespace,
});
