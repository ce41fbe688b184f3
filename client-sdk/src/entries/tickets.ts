// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { ticketsContract } from '@loro/contracts/tickets';
import { defineModule } from '../module';

export const tickets = defineModule<typeof ticketsContract>({
  prefix: '/live',
  endpoints: {
    issue: ['POST', '/tickets', 'one'],
  },
});
