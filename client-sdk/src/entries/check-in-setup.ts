// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { checkInSetupContract } from '@loro/contracts/check-ins-setup';
import { defineModule } from '../module';

export const checkInSetup = defineModule<typeof checkInSetupContract>({
  prefix: '',
  endpoints: {
    rules: ['GET', '/check-in-rules', 'list'],
    rule: ['GET', '/check-in-rules/:ruleId', 'one'],
    makeRule: ['POST', '/check-in-rules', 'one'],
    changeRule: ['PATCH', '/check-in-rules/:ruleId', 'one'],
    removeRule: ['DELETE', '/check-in-rules/:ruleId', 'none'],
    enrol: ['POST', '/devices', 'one'],
    devices: ['GET', '/devices', 'list'],
    removeDevice: ['DELETE', '/devices/:enrolledId', 'none'],
    blockDevice: ['POST', '/devices/:enrolledId/block', 'one'],
    meetingCode: ['GET', '/meetings/:meetingId/check-in-code', 'one'],
  },
});
