// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { configurationContract } from '@loro/contracts/configuration';
import { defineModule } from '../module';

export const configuration = defineModule<typeof configurationContract>({
  prefix: '/config',
  endpoints: {
    schema: ['GET', '/schema', 'list'],
    effective: ['GET', '/effective', 'list'],
    history: ['GET', '/history', 'list'],
    environment: ['GET', '/environment', 'list'],
    setForPlatform: ['PUT', '/platform/:ownerId/:key', 'one'],
    setForOrganisation: ['PUT', '/organisation/:ownerId/:key', 'one'],
    setForBranch: ['PUT', '/branch/:ownerId/:key', 'one'],
    setForUser: ['PUT', '/user/:ownerId/:key', 'one'],
    clearForPlatform: ['DELETE', '/platform/:ownerId/:key', 'none'],
    clearForOrganisation: ['DELETE', '/organisation/:ownerId/:key', 'none'],
    clearForBranch: ['DELETE', '/branch/:ownerId/:key', 'none'],
    clearForUser: ['DELETE', '/user/:ownerId/:key', 'none'],
    rollback: ['POST', '/rollback', 'one'],
    changeSets: ['GET', '/change-sets', 'list'],
    changeSet: ['GET', '/change-sets/:changeSetId', 'one'],
    createChangeSet: ['POST', '/change-sets', 'one'],
    changeChangeSet: ['PATCH', '/change-sets/:changeSetId', 'one'],
    applyChangeSet: ['POST', '/change-sets/:changeSetId/apply', 'one'],
    removeChangeSet: ['DELETE', '/change-sets/:changeSetId', 'none'],
    export: ['POST', '/export', 'one'],
    import: ['POST', '/import', 'one'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
