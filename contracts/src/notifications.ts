import { stream } from './kit/live';

/** The streams of `/notifications`, on which rooms without a namespace of their own speak too. */
export const notificationStreams = {
  user: stream('log', { permission: 'account.use', license: 'any', summary: 'What concerns one person' }),
  notices: stream('log', { permission: 'branches.read', summary: 'What concerns everybody of a branch' }),
};
