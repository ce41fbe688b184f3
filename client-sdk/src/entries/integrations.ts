// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { integrationsContract } from '@loro/contracts/integrations';
import { defineModule } from '../module';

export const integrations = defineModule<typeof integrationsContract>({
  prefix: '/integrations',
  endpoints: {
    list: ['GET', '/', 'list'],
    get: ['GET', '/:integrationId', 'one'],
    create: ['POST', '/', 'one'],
    change: ['PATCH', '/:integrationId', 'one'],
    remove: ['DELETE', '/:integrationId', 'none'],
    test: ['POST', '/:integrationId/test', 'one'],
    rotate: ['POST', '/:integrationId/rotate', 'one'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
