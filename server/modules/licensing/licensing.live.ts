import { licensingLive } from '@loro/contracts/licensing-live';
import { namespace } from '../../platform';

/** What becomes of the licence is for those who may read it. */
export const licensingNamespace = () =>
  namespace(licensingLive, {
    auto: ({ orgId }) => [['license', orgId]],
    streams: { license: { subject: async ({ orgId }, id) => (id === orgId ? { orgId } : null) } },
    calls: {},
  });
