// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { branchesContract } from '@loro/contracts/branches';
import { defineModule } from '../module';

export const branches = defineModule<typeof branchesContract>({
  prefix: '/branches',
  endpoints: {
    list: ['GET', '/', 'list'],
    get: ['GET', '/:branchId', 'one'],
    create: ['POST', '/', 'one'],
    update: ['PATCH', '/:branchId', 'one'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
