import { branchesApi } from '@loro/contracts/branches';
import { routes } from '../../platform';
import type { BranchesService } from './branches.service';

export const branchesRoutes = (branches: BranchesService) =>
  routes(branchesApi, {
    list: ({ actor, query }) => branches.list(actor, query),
    get: ({ actor, params }) => branches.get(actor, params.branchId),
    create: ({ actor, body }) => branches.create(actor, body),
    update: ({ actor, params, ifMatch, body }) => branches.update(actor, params.branchId, ifMatch, body),
  });
