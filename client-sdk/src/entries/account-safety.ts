// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { accountSafetyContract } from '@loro/contracts/account-safety';
import { defineModule } from '../module';

export const accountSafety = defineModule<typeof accountSafetyContract>({
  prefix: '/users',
  endpoints: {
    endSessions: ['DELETE', '/:userId/sessions', 'none'],
    resetFactors: ['DELETE', '/:userId/factors', 'none'],
    stopRecovery: ['POST', '/:userId/factor-recovery/stop', 'none'],
    unlock: ['POST', '/:userId/unlock', 'none'],
    forceReset: ['POST', '/:userId/force-reset', 'none'],
  },
});
