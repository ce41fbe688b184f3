import { accessLive } from '@loro/contracts/access';
import { namespace, ownStream } from '../../platform';

/** Every connection hears its person's stream by itself; the branches join it. */
export const accessNamespace = () =>
  namespace(accessLive, {
    streams: { user: ownStream },
    calls: {},
  });
