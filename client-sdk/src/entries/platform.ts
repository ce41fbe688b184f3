// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { platformContract } from '@loro/contracts/platform';
import { defineModule } from '../module';

export const platform = defineModule<typeof platformContract>({
  prefix: '/platform',
  endpoints: {
    nodes: ['GET', '/nodes', 'list'],
    queues: ['GET', '/queues', 'list'],
    slowReaders: ['GET', '/slow-readers', 'list'],
    streams: ['GET', '/streams', 'list'],
  },
});
