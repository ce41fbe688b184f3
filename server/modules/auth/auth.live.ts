import { authLive } from '@loro/contracts/auth-alerts';
import { namespace } from '../../platform';

/** Every connection hears its person's stream by itself; the branches join it. */
export const authNamespace = () =>
  namespace(authLive, {
    streams: { user: { subject: async (actor, id) => (id === actor.userId ? { userId: id } : null) } },
    calls: {},
  });
