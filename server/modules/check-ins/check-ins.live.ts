import { checkInsLive } from '@loro/contracts/check-ins';
import { namespace } from '../../platform';
import type { CheckInsService } from './check-ins.service';

export const checkInsNamespace = (checkIns: CheckInsService) =>
  namespace(checkInsLive, {
    streams: { branch: { subject: ({ orgId }, id) => checkIns.branchSubject(orgId, id) } },
    calls: {
      'check-in:start': (actor, input) => checkIns.start(actor, input),
      'check-in:end': (actor, { checkInId, ...input }) => checkIns.end(actor, checkInId, input),
    },
  });
