import { peopleLive } from '@loro/contracts/people-live';
import { namespace, ownStream } from '../../platform';

/** People's own streams are theirs, a branch's notices are for who may see the branch, the organisation's for everybody. */
export const peopleNamespace = (hasBranch: (orgId: string, branchId: string) => Promise<boolean>) =>
  namespace(peopleLive, {
    streams: {
      user: ownStream,
      notices: { subject: async ({ orgId }, id) => ((await hasBranch(orgId, id)) ? { branchId: id } : null) },
      organisation: { subject: async ({ orgId }, id) => (id === orgId ? { orgId } : null) },
    },
    calls: {},
  });
