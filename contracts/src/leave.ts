import { z } from 'zod';
import { api } from './kit/api';
import { contract } from './kit/contract';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { setting } from './kit/settings';
import { balanceRows } from './leave-balances';
import {
  accrueLeave,
  closeLeaveYears,
  expireLeave,
  leaveLive,
  markTaken,
  reconcileLeave,
  tickLeave,
} from './leave-live';
import { requestRows } from './leave-requests';

export { leaveLive } from './leave-live';

export const leaveApi = api('', { ...requestRows, ...balanceRows });

const everybody = { hr: 'own', manager: 'own', finance: 'own', sales: 'own', warehouse: 'own', staff: 'own' } as const;
const wide = ['platform', 'organisation', 'branch'] as const;

export const leaveContract = contract({
  name: 'leave',
  api: leaveApi,
  live: leaveLive,
  jobs: [tickLeave, accrueLeave, expireLeave, closeLeaveYears, markTaken, reconcileLeave],
  errors: errors({
    LEAVE_OVERLAP: {
      status: 409,
      title: 'Leave overlaps',
      help: 'Another request of the same person has some of these days; `errors` names them.',
    },
    LEAVE_INSUFFICIENT: {
      status: 422,
      title: 'Not enough days',
      help: '`current` says what is available for these dates, and what was asked for.',
    },
    LEAVE_NOTICE: {
      status: 422,
      title: 'Too short a notice',
      help: 'Ask earlier, or let whoever decides about leave enter it.',
    },
    LEAVE_PROBATION: {
      status: 422,
      title: 'On probation',
      help: '`detail` says from when on this leave can be taken.',
    },
    LEAVE_TOO_LONG: {
      status: 422,
      title: 'Too long at a stretch',
      help: '`detail` says how many days in a row this type allows.',
    },
    LEAVE_NOT_ELIGIBLE: {
      status: 422,
      title: 'Not for this person',
      help: 'This type of leave is for others; another may fit.',
    },
    LEAVE_DOCUMENT_MISSING: {
      status: 422,
      title: 'A document is missing',
      help: 'Upload it and name it in `documentIds`.',
    },
    LEAVE_NO_WORKDAY: { status: 422, title: 'Nothing to take', help: 'The dates hold days off only.' },
    HALF_DAY_INVALID: {
      status: 422,
      title: 'No such part of a day',
      help: 'Only the first and the last day can be halves, they must touch the rest, and the type must allow it.',
    },
    COVER_TOO_LOW: {
      status: 409,
      title: 'Too few would be there',
      help: '`errors` names the dates on which the branch would have fewer people than it needs.',
    },
    LEAVE_CODE_TAKEN: { status: 409, title: 'Code taken', help: 'Another type of leave has this code.' },
    TIME_OFF_TAKEN: {
      status: 409,
      title: 'There is one',
      help: 'One type of leave gets what overtime is turned into.',
    },
    LEAVE_TYPE_IN_USE: {
      status: 409,
      title: 'In use',
      help: 'Set `isActive` to false instead: what people have and had of it stays.',
    },
  }),
  settings: {
    'leave.cover-min-staff': setting(z.int().min(0).max(10_000), {
      preset: 0,
      levels: wide,
      description: 'How many people of a branch must be there on a working day. 0: nobody counts.',
    }),
    'leave.cover-mode': setting(z.enum(['warn', 'refuse']), {
      preset: 'warn',
      levels: wide,
      description: 'Whether leave that leaves too few people is only warned of, or refused.',
    }),
  },
  permissions: permissions({
    'leave.request': { description: 'Ask for leave', grants: everybody },
    'leave.decide': {
      description: 'Decide about leave; with one’s own reach, of those who report to one',
      grants: { ...everybody, hr: 'org', manager: 'subtree' },
    },
    'leave.read': {
      description: 'See leave, balances and who is away',
      grants: { ...everybody, hr: 'org', manager: 'subtree', finance: 'org', auditor: 'org' },
    },
    'leave.adjust': { description: 'Give and take days by hand', grants: { hr: 'org' } },
    'leave.configure': { description: 'Set up types of leave and their policies', grants: { hr: 'org' } },
    'leave.report': {
      description: 'Reports of leave that is owed',
      grants: { hr: 'org', manager: 'subtree', finance: 'org', auditor: 'org' },
    },
  }),
});
