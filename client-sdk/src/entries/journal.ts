// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { journalContract } from '@loro/contracts/journal';
import { defineModule } from '../module';

export const journal = defineModule<typeof journalContract>({
  prefix: '/journal',
  endpoints: {
    list: ['GET', '/', 'list'],
    security: ['GET', '/security', 'list'],
    mine: ['GET', '/mine', 'list'],
    get: ['GET', '/:entryId', 'one'],
    history: ['GET', '/entities/:type/:entityId/history', 'list'],
    asOf: ['GET', '/entities/:type/:entityId/as-of', 'one'],
    writeNote: ['POST', '/notes', 'one'],
    replace: ['PUT', '/:entryId', 'one'],
    change: ['PATCH', '/:entryId', 'one'],
    remove: ['DELETE', '/:entryId', 'none'],
    head: ['GET', '/head', 'one'],
    checkpoints: ['GET', '/checkpoints', 'list'],
    verify: ['POST', '/verify', 'one'],
    verifications: ['GET', '/verifications', 'list'],
    verification: ['GET', '/verifications/:verificationId', 'one'],
    operations: ['GET', '/operations', 'list'],
    proof: ['GET', '/operations/:operationId/proof', 'one'],
    errors: ['GET', '/errors', 'list'],
    metrics: ['GET', '/metrics', 'list'],
    export: ['POST', '/export', 'one'],
    exports: ['GET', '/export', 'list'],
    exported: ['GET', '/export/:exportId', 'one'],
    exportFile: ['GET', '/export/:exportId/file', 'feed'],
    holds: ['GET', '/holds', 'list'],
    hold: ['POST', '/holds', 'one'],
    release: ['POST', '/holds/:holdId/release', 'one'],
    erase: ['POST', '/erasures', 'none'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
