import { leaveLive } from '@loro/contracts/leave-live';
import { namespace, ownStream } from '../../platform';

/** What concerns one's own leave, and what waits for one's decision. */
export const leaveNamespace = () =>
  namespace(leaveLive, { auto: ({ userId }) => [['leave', userId]], streams: { leave: ownStream }, calls: {} });
