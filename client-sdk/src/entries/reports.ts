// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { reportsContract } from '@loro/contracts/reports';
import { defineModule } from '../module';

export const reports = defineModule<typeof reportsContract>({
  prefix: '/reports',
  endpoints: {
    request: ['POST', '/runs', 'one'],
    runs: ['GET', '/runs', 'list'],
    run: ['GET', '/runs/:runId', 'one'],
  },
  live: {
    namespace: '/reports',
    calls: {},
  },
});
