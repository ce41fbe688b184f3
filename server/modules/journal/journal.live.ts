import { journalLive } from '@loro/contracts/journal-live';
import { namespace } from '../../platform';

export const journalNamespace = () =>
  namespace(journalLive, {
    streams: { journal: { subject: async ({ orgId }, id) => (id === orgId ? { orgId } : null) } },
    calls: {},
  });
