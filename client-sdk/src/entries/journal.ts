// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { journalContract } from '@loro/contracts/journal';
import { defineModule } from '../module';

export const journal = defineModule<typeof journalContract>({
  prefix: '/journal',
  endpoints: {
    list: ['GET', '/', 'list'],
    get: ['GET', '/:journalEntryId', 'one'],
    create: ['POST', '/', 'one'],
    rename: ['PATCH', '/:journalEntryId', 'one'],
    close: ['POST', '/:journalEntryId/close', 'one'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
