// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { peopleContract } from '@loro/contracts/people';
import { defineModule } from '../module';

export const people = defineModule<typeof peopleContract>({
  prefix: '/people',
  endpoints: {
    organisation: ['GET', '/organisation', 'one'],
    list: ['GET', '/users', 'list'],
    get: ['GET', '/users/:userId', 'one'],
  },
});
