// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { dutyContract } from '@loro/contracts/check-ins-duty';
import { defineModule } from '../module';

export const duty = defineModule<typeof dutyContract>({
  prefix: '/duty',
  endpoints: {
    board: ['GET', '/', 'list'],
    mine: ['GET', '/me', 'one'],
    set: ['POST', '/me', 'one'],
    challenge: ['POST', '/challenges', 'one'],
    answer: ['POST', '/challenges/:challengeId/answer', 'one'],
    panic: ['POST', '/alarms', 'one'],
    endAlarm: ['POST', '/alarms/:alarmId/end', 'one'],
    aliveUntil: ['POST', '/lone-work', 'none'],
  },
});
