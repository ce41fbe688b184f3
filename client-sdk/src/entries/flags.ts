// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { flagsContract } from '@loro/contracts/flags';
import { defineModule } from '../module';

export const flags = defineModule<typeof flagsContract>({
  prefix: '/flags',
  endpoints: {
    list: ['GET', '/', 'list'],
    evaluate: ['GET', '/evaluate', 'one'],
    get: ['GET', '/:key', 'one'],
    create: ['POST', '/', 'one'],
    change: ['PATCH', '/:key', 'one'],
    addRule: ['POST', '/:key/rules', 'one'],
    archive: ['POST', '/:key/archive', 'one'],
    remove: ['DELETE', '/:key', 'none'],
    override: ['POST', '/:key/override', 'one'],
    clearOverride: ['DELETE', '/:key/override', 'none'],
    clearOverrideOf: ['DELETE', '/:key/override/:userId', 'none'],
    explain: ['GET', '/:key/explain', 'one'],
    usage: ['GET', '/:key/usage', 'list'],
  },
});
