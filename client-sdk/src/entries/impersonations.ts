// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { impersonationsContract } from '@loro/contracts/auth-impersonation';
import { defineModule } from '../module';

export const impersonations = defineModule<typeof impersonationsContract>({
  prefix: '',
  endpoints: {
    ask: ['POST', '/users/:userId/impersonations', 'one'],
    list: ['GET', '/impersonations', 'list'],
    get: ['GET', '/impersonations/:impersonationId', 'one'],
    grant: ['POST', '/impersonations/:impersonationId/grant', 'one'],
    refuse: ['POST', '/impersonations/:impersonationId/refuse', 'one'],
    enter: ['POST', '/impersonations/:impersonationId/enter', 'one'],
    end: ['POST', '/impersonations/:impersonationId/end', 'one'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
