import { documentsLive } from '@loro/contracts/documents';
import { namespace } from '../../platform';

export const documentsNamespace = () =>
  namespace(documentsLive, {
    streams: { user: { subject: async (actor, id) => (id === actor.userId ? { userId: id } : null) } },
    calls: {},
  });
