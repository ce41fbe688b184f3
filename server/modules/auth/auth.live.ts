import { authLive } from '@loro/contracts/auth-alerts';
import { impersonationsLive } from '@loro/contracts/auth-impersonation';
import { namespace, ownStream } from '../../platform';

/** Every connection hears its person's stream by itself; the branches join it. */
export const authNamespace = () =>
  namespace(authLive, {
    streams: { user: ownStream },
    calls: {},
  });

export const impersonationsNamespace = () =>
  namespace(impersonationsLive, {
    streams: { user: ownStream },
    calls: {},
  });
