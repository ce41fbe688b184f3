import { accessLive } from '@loro/contracts/access';
import { namespace } from '../../platform';

/** Every connection hears its person's stream by itself; the branches join it. */
export const accessNamespace = () =>
  namespace(accessLive, {
    streams: { user: { subject: async (actor, id) => (id === actor.userId ? { userId: id } : null) } },
    calls: {},
  });
