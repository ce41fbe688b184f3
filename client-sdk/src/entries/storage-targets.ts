// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { storageTargetsContract } from '@loro/contracts/storage-targets';
import { defineModule } from '../module';

export const storageTargets = defineModule<typeof storageTargetsContract>({
  prefix: '/storage-targets',
  endpoints: {
    list: ['GET', '/', 'list'],
    get: ['GET', '/:storageTargetId', 'one'],
    create: ['POST', '/', 'one'],
    change: ['PATCH', '/:storageTargetId', 'one'],
    remove: ['DELETE', '/:storageTargetId', 'none'],
    test: ['POST', '/:storageTargetId/test', 'one'],
    rotate: ['POST', '/:storageTargetId/rotate', 'one'],
    migrate: ['POST', '/:storageTargetId/migrate', 'one'],
    migration: ['GET', '/:storageTargetId/migrations/:migrationId', 'one'],
  },
});
