import { checkInsLive } from '@loro/contracts/check-ins';
import { namespace, ownStream } from '../../platform';
import type { CheckInsRoom } from './check-ins.room';

export const checkInsNamespace = (room: CheckInsRoom) => {
  const { checkIns, recording, batch, duty, challenges } = room;
  const ofBranch = { subject: ({ orgId }: { orgId: string }, id: string) => checkIns.branchSubject(orgId, id) };
  return namespace(checkInsLive, {
    auto: ({ userId }) => [['person', userId]],
    streams: { branch: ofBranch, records: ofBranch, review: ofBranch, person: ownStream },
    calls: {
      'check-in:start': (actor, input) => checkIns.start(actor, input),
      'check-in:end': (actor, { checkInId, ...input }) => checkIns.end(actor, checkInId, input),
      'check-in:record': (actor, input) => recording.record(actor, input),
      'check-in:record-batch': (actor, { items }) => batch.take(actor, items),
      'time:sync': (actor, input) => room.syncTime(actor, input),
      'duty:set': (actor, { state }) => duty.set(actor, state),
      'challenge:answer': (actor, { challengeId, position }) => challenges.answer(actor, challengeId, position),
    },
  });
};
