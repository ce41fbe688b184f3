// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { documentsContract } from '@loro/contracts/documents';
import { defineModule } from '../module';

export const documents = defineModule<typeof documentsContract>({
  prefix: '/documents',
  endpoints: {
    list: ['GET', '/', 'list'],
    get: ['GET', '/:documentId', 'one'],
    create: ['POST', '/', 'one'],
    rename: ['PATCH', '/:documentId', 'one'],
    close: ['POST', '/:documentId/close', 'one'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
