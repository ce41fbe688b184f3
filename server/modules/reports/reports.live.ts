import { reportsLive } from '@loro/contracts/reports';
import { namespace } from '../../platform';

const own = { subject: async ({ userId }: { userId: string }, id: string) => (id === userId ? { userId } : null) };

export const reportsNamespace = () =>
  namespace(reportsLive, {
    auto: ({ userId }) => [
      ['requests', userId],
      ['progress', userId],
    ],
    streams: { requests: own, progress: own },
    calls: {},
  });
