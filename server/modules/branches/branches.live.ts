import { branchesLive } from '@loro/contracts/branches';
import { namespace, ownStream } from '../../platform';
import type { BranchesService } from './branches.service';

export const branchesNamespace = (branches: BranchesService) =>
  namespace(branchesLive, {
    auto: (actor) => [
      ['user', actor.userId],
      ...(actor.homeBranchId === null ? [] : [['notices', actor.homeBranchId] as ['notices', string]]),
    ],
    streams: {
      user: ownStream,
      notices: { subject: async ({ orgId }, id) => ((await branches.exists(orgId, id)) ? { branchId: id } : null) },
      // A subject of no branch is within the reach of the whole organisation alone.
      branches: { subject: async ({ orgId }, id) => (id === orgId ? { branchId: null } : null) },
    },
    calls: {},
  });
