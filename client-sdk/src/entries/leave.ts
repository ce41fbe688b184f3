// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { leaveContract } from '@loro/contracts/leave';
import { defineModule } from '../module';

export const leave = defineModule<typeof leaveContract>({
  prefix: '',
  endpoints: {
    requestLeave: ['POST', '/leave/requests', 'one'],
    requests: ['GET', '/leave/requests', 'list'],
    request: ['GET', '/leave/requests/:requestId', 'one'],
    changeLeave: ['PATCH', '/leave/requests/:requestId', 'one'],
    dropLeave: ['DELETE', '/leave/requests/:requestId', 'none'],
    submitLeave: ['POST', '/leave/requests/:requestId/submit', 'one'],
    approveLeave: ['POST', '/leave/requests/:requestId/approve', 'one'],
    rejectLeave: ['POST', '/leave/requests/:requestId/reject', 'one'],
    withdrawLeave: ['POST', '/leave/requests/:requestId/withdraw', 'one'],
    cancelLeave: ['POST', '/leave/requests/:requestId/cancel', 'one'],
    shortenLeave: ['POST', '/leave/requests/:requestId/shorten', 'one'],
    giveBackLeave: ['POST', '/leave/requests/:requestId/give-back', 'one'],
    calendar: ['GET', '/leave/calendar', 'list'],
    types: ['GET', '/leave/types', 'list'],
    type: ['GET', '/leave/types/:typeId', 'one'],
    createType: ['POST', '/leave/types', 'one'],
    updateType: ['PATCH', '/leave/types/:typeId', 'one'],
    removeType: ['DELETE', '/leave/types/:typeId', 'none'],
    balances: ['GET', '/leave/balances', 'list'],
    lots: ['GET', '/leave/lots', 'list'],
    ledger: ['GET', '/leave/ledger', 'list'],
    adjust: ['POST', '/leave/adjustments', 'one'],
    liability: ['GET', '/attendance/reports/leave-liability', 'feed'],
  },
  live: {
    namespace: '/check-ins',
    calls: {},
  },
});
