// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { checkInsContract } from '@loro/contracts/check-ins';
import { defineModule } from '../module';

export const checkIns = defineModule<typeof checkInsContract>({
  prefix: '/check-ins',
  endpoints: {
    list: ['GET', '/', 'list'],
    get: ['GET', '/:checkInId', 'one'],
    start: ['POST', '/', 'one'],
    end: ['POST', '/:checkInId/end', 'one'],
    record: ['POST', '/records', 'one'],
    recordBatch: ['POST', '/batch', 'one'],
    records: ['GET', '/records', 'list'],
    recorded: ['GET', '/records/:recordId', 'one'],
    categorise: ['PATCH', '/:checkInId', 'one'],
    photoNonce: ['POST', '/photo-nonce', 'one'],
    photo: ['PUT', '/:checkInId/photo', 'one'],
    evidence: ['GET', '/:checkInId/evidence', 'one'],
    reviewQueue: ['GET', '/review-queue', 'list'],
    review: ['POST', '/:checkInId/review', 'one'],
    void: ['POST', '/:checkInId/void', 'one'],
  },
  live: {
    namespace: '/check-ins',
    calls: {
      'check-in:start': 'start',
      'check-in:end': 'end',
      'check-in:record': 'record',
      'check-in:record-batch': 'recordBatch',
      'time:sync': null,
      'duty:set': null,
      'challenge:answer': null,
    },
  },
});
