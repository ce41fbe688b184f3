// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { streamsContract } from '@loro/contracts/streams';
import { defineModule } from '../module';

export const streams = defineModule<typeof streamsContract>({
  prefix: '/streams',
  endpoints: {
    read: ['GET', '/:stream', 'feed'],
  },
});
