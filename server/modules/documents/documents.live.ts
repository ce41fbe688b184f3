import { documentsLive } from '@loro/contracts/documents';
import { namespace, ownStream } from '../../platform';

export const documentsNamespace = () =>
  namespace(documentsLive, {
    streams: { user: ownStream },
    calls: {},
  });
