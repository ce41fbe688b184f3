// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { hubContract } from '@loro/contracts/hub';
import { defineModule } from '../module';

export const hub = defineModule<typeof hubContract>({
  prefix: '/about',
  endpoints: {
    about: ['GET', '/', 'one', { open: true }],
  },
});
