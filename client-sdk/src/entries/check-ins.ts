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
  },
  live: {
    namespace: '/check-ins',
    calls: {
      'check-in:start': 'start',
      'check-in:end': 'end',
    },
  },
});
