// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { presenceContract } from '@loro/contracts/presence';
import { defineModule } from '../module';

export const presence = defineModule<typeof presenceContract>({
  prefix: '/presence',
  endpoints: {
    read: ['GET', '/', 'one'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
