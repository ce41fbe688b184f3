// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { trackingContract } from '@loro/contracts/tracking';
import { defineModule } from '../module';

export const trackingBase = defineModule<typeof trackingContract>({
  prefix: '/tracking',
  endpoints: {
    report: ['POST', '/fixes', 'one'],
    trackables: ['GET', '/trackables', 'list'],
    trackable: ['GET', '/trackables/:trackableId', 'one'],
    positions: ['GET', '/positions', 'list'],
    track: ['GET', '/trackables/:trackableId/track', 'document'],
  },
  live: {
    namespace: '/tracking',
    calls: {
      'fix:report': 'report',
    },
  },
});
