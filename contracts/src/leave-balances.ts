import { z } from 'zod';
import { create, feed, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, LocalDate } from './kit/values';
import {
  entryReasons,
  LeaveBalance,
  LeaveEntry,
  LeaveLot,
  LeaveType,
  LeaveTypeChange,
  NewLeaveType,
} from './leave-values';

const feature = 'leave';
const configure = { permission: 'leave.configure', feature } as const;
const read = { permission: 'leave.read', feature, apiKey: true } as const;
const adjust = { permission: 'leave.adjust', feature } as const;

export const NewAdjustment = z
  .strictObject({
    userId: Id,
    typeId: Id,
    /** Added, or taken away where it is below 0. */
    milliDays: z.int().min(-1_000_000).max(1_000_000),
    reason: z.string().trim().min(1).max(500),
    /** `encash`: days that are paid out. */
    kind: z.enum(['adjustment', 'grant', 'encash']).default('adjustment'),
    /** By default today. */
    validFrom: LocalDate.optional(),
    expiresOn: LocalDate.nullable().default(null),
  })
  .refine(({ milliDays }) => milliDays !== 0, { error: 'changes nothing', path: ['milliDays'] })
  .refine(({ kind, milliDays }) => kind === 'adjustment' || (kind === 'encash') === milliDays < 0, {
    error: 'is above 0 for a grant and below 0 for what is paid out',
    path: ['milliDays'],
  })
  .refine(({ validFrom, expiresOn }) => validFrom === undefined || expiresOn === null || validFrom <= expiresOn, {
    error: 'is before it counts',
    path: ['expiresOn'],
  });
export const Adjusted = z.object({
  id: Id,
  userId: Id,
  typeId: Id,
  milliDays: z.number().int(),
  balance: LeaveBalance,
});

export const exportAs = z.enum(['csv', 'xlsx', 'pdf', 'json']);

export const balanceRows = {
  types: list('/leave/types', {
    ...read,
    query: PageQuery,
    returns: LeaveType,
    summary: 'List types of leave by code',
  }),
  type: get('/leave/types/:typeId', { ...read, returns: LeaveType, summary: 'Read a type of leave' }),
  createType: create('/leave/types', {
    ...configure,
    body: NewLeaveType,
    returns: LeaveType,
    errors: ['LEAVE_CODE_TAKEN', 'TIME_OFF_TAKEN'],
    summary: 'Make a type of leave with its policy',
  }),
  updateType: patch('/leave/types/:typeId', {
    ...configure,
    body: LeaveTypeChange,
    returns: LeaveType,
    versioned: true,
    errors: ['LEAVE_CODE_TAKEN', 'TIME_OFF_TAKEN'],
    summary: 'Change a type of leave; what was given stays',
  }),
  removeType: remove('/leave/types/:typeId', {
    ...configure,
    versioned: true,
    errors: ['LEAVE_TYPE_IN_USE'],
    summary: 'Remove a type that nobody ever had anything of',
  }),
  balances: list('/leave/balances', {
    ...read,
    query: PageQuery.extend({
      /** By default the caller. */
      userId: Id.optional(),
      branchId: Id.optional(),
      typeId: Id.optional(),
      /** By default today in the zone of the person. */
      asOf: LocalDate.optional(),
    }),
    returns: LeaveBalance,
    summary: 'What somebody has of each type, on a date',
  }),
  lots: list('/leave/lots', {
    ...read,
    query: PageQuery.extend({ userId: Id.optional(), typeId: Id.optional() }),
    returns: LeaveLot.extend({ userId: Id, typeId: Id }),
    summary: 'Lots that somebody’s balance is made of, the first to expire first',
  }),
  ledger: list('/leave/ledger', {
    ...read,
    query: PageQuery.extend({
      userId: Id.optional(),
      typeId: Id.optional(),
      requestId: Id.optional(),
      reason: z.enum(entryReasons).optional(),
    }),
    returns: LeaveEntry,
    summary: 'Everything that moved somebody’s balance, newest first',
  }),
  adjust: create('/leave/adjustments', {
    ...adjust,
    body: NewAdjustment,
    returns: Adjusted,
    errors: ['LEAVE_INSUFFICIENT'],
    summary: 'Give or take days by hand, and say why',
  }),
  liability: feed('/attendance/reports/leave-liability', {
    permission: 'leave.report',
    feature,
    apiKey: true,
    query: z.strictObject({
      from: LocalDate.optional(),
      to: LocalDate.optional(),
      asOf: LocalDate.optional(),
      branchId: Id.optional(),
      format: exportAs.default('json'),
    }),
    summary: 'Days that are owed, by person and type, on a date (`asOf`, or `to`; by default today)',
  }),
};
