// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { locationPrivacyContract } from '@loro/contracts/check-ins-privacy';
import { defineModule } from '../module';

export const locationPrivacy = defineModule<typeof locationPrivacyContract>({
  prefix: '',
  endpoints: {
    profile: ['GET', '/privacy-profile', 'one'],
    setProfile: ['PUT', '/privacy-profile', 'one'],
    notice: ['GET', '/me/notice', 'one'],
    acknowledge: ['POST', '/me/notices/:version/ack', 'one'],
    looks: ['GET', '/me/location-access', 'list'],
    ask: ['POST', '/me/data-requests', 'one'],
    asked: ['GET', '/me/data-requests', 'list'],
    copy: ['GET', '/me/data-requests/:requestId/export', 'one'],
    requests: ['GET', '/data-requests', 'list'],
    answer: ['POST', '/data-requests/:requestId/answer', 'one'],
    holds: ['GET', '/legal-holds', 'list'],
    hold: ['POST', '/legal-holds', 'one'],
    release: ['POST', '/legal-holds/:locationHoldId/release', 'none'],
  },
});
