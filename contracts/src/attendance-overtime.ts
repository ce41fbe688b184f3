import { z } from 'zod';
import { WallTime } from './attendance-rosters';
import { Note, Reason } from './attendance-values';
import { act, create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, LocalDate, ShortText } from './kit/values';

const Minutes = z.number().int().min(1).max(10_080);
/** Parts per million of the usual pay: 1 500 000 is one and a half. */
const FactorPpm = z.number().int().min(1_000_000).max(10_000_000);

/** What counts as overtime, and at which factor. Presets are data for the customer to check. */
export const OvertimeRules = z.strictObject({
  dailyMin: Minutes.nullable().default(null),
  dailyDoubleMin: Minutes.nullable().default(null),
  weeklyMin: Minutes.nullable().default(null),
  /** 1 is Monday. */
  weekStartsOn: z.number().int().min(1).max(7).default(1),
  /** `workday`: 24 hours from `workdayStartsAt`, and a pair that crosses it is split; `shift`: all of it counts for its date. */
  dailyBasis: z.enum(['shift', 'workday']).default('shift'),
  workdayStartsAt: WallTime.default('00:00'),
  /** The seventh day in a row of a week: eight hours of the first factor, the rest of the second. */
  seventhDay: z.boolean().default(false),
  restDayFactorPpm: FactorPpm.nullable().default(null),
  holidayFactorPpm: FactorPpm.nullable().default(null),
  sundayFactorPpm: FactorPpm.nullable().default(null),
  countBeforeShift: z.boolean().default(false),
  countAfterShift: z.boolean().default(true),
  minMinutes: z.number().int().min(0).max(480).default(15),
  requireApproval: z.boolean().default(true),
  /** More is flagged, and never taken away. */
  maxPerWeekMin: Minutes.nullable().default(null),
  factor1Ppm: FactorPpm.default(1_500_000),
  factor2Ppm: FactorPpm.default(2_000_000),
  /** Less rest between two days is flagged. */
  minRestMin: z.number().int().min(1).max(1_440).nullable().default(null),
  /** A mean of more hours a week over `meanWeeks` weeks is warned of. */
  meanWeeklyMin: Minutes.nullable().default(null),
  meanWeeks: z.number().int().min(1).max(52).default(17),
});
export type OvertimeRules = z.infer<typeof OvertimeRules>;

export const presetCodes = ['US_FLSA', 'US_CA', 'ZA_BCEA', 'ZA_BCEA_6', 'EU_WTD'] as const;
export const OvertimePreset = z.object({
  code: z.enum(presetCodes),
  name: z.string(),
  note: z.string(),
  rules: OvertimeRules,
});

export const OvertimePolicy = z.object({
  id: Id,
  name: ShortText,
  preset: z.enum(presetCodes).nullable(),
  /** Counts for everybody whose shift names no other. */
  isDefault: z.boolean(),
  rules: OvertimeRules,
  version: z.number().int(),
});
export type OvertimePolicy = z.infer<typeof OvertimePolicy>;

const inOrder = ({ dailyMin, dailyDoubleMin }: Partial<OvertimeRules>): boolean =>
  dailyMin === undefined ||
  dailyDoubleMin === undefined ||
  dailyMin === null ||
  dailyDoubleMin === null ||
  dailyMin <= dailyDoubleMin;
const Rules = OvertimeRules.refine(inOrder, { error: 'begins before the first factor does', path: ['dailyDoubleMin'] });

export const NewPolicy = z
  .strictObject({
    name: ShortText,
    /** Begins with the rules of this preset; `rules` replaces them. */
    preset: z.enum(presetCodes).nullable().default(null),
    isDefault: z.boolean().default(false),
    rules: Rules.optional(),
  })
  .refine(({ preset, rules }) => preset !== null || rules !== undefined, {
    error: 'is needed where no preset is named',
    path: ['rules'],
  });
export const PolicyChange = z
  .strictObject({ name: ShortText, isDefault: z.boolean(), rules: Rules })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const claimStates = ['pending', 'approved', 'rejected', 'auto'] as const;
export const Claim = z.object({
  id: Id,
  dayId: Id,
  userId: Id,
  branchId: Id.nullable(),
  workDate: LocalDate,
  seconds: z.number().int(),
  approvedSec: z.number().int(),
  factorPpm: z.number().int(),
  state: z.enum(claimStates),
  /** Paid, or given as time off. */
  settledAs: z.enum(['pay', 'time-off']).nullable(),
  approverId: Id.nullable(),
  note: z.string().nullable(),
  version: z.number().int(),
});
export type Claim = z.infer<typeof Claim>;
export const ClaimApproval = z.strictObject({
  /** By default all of it. */
  seconds: z.number().int().min(1).optional(),
  settleAs: z.enum(['pay', 'time-off']).default('pay'),
  note: Reason.optional(),
});

export const requestStates = ['pending', 'approved', 'rejected', 'withdrawn'] as const;
export const OvertimeRequest = z.object({
  id: Id,
  userId: Id,
  branchId: Id.nullable(),
  date: LocalDate,
  minutes: z.number().int(),
  reason: z.string(),
  state: z.enum(requestStates),
  requestedAt: Instant,
  decidedBy: Id.nullable(),
  note: z.string().nullable(),
  version: z.number().int(),
});
export type OvertimeRequest = z.infer<typeof OvertimeRequest>;
export const NewRequest = z.strictObject({
  date: LocalDate,
  minutes: z.number().int().min(1).max(1_440),
  reason: Reason,
});

export const OvertimeBalance = z.object({
  userId: Id,
  name: z.string(),
  pendingSec: z.number().int(),
  approvedSec: z.number().int(),
  rejectedSec: z.number().int(),
  /** Approved seconds times their factor, of what is paid. */
  paidWeightedSec: z.number().int(),
  timeOffSec: z.number().int(),
});
export type OvertimeBalance = z.infer<typeof OvertimeBalance>;

const feature = 'attendance.overtime';
const configure = { permission: 'shifts.manage', feature } as const;
const decide = { permission: 'overtime.decide', feature } as const;
const read = { permission: 'overtime.read', feature } as const;

export const overtimeRows = {
  presets: get('/overtime-presets', {
    permission: 'shifts.read',
    feature,
    returns: z.object({ presets: z.array(OvertimePreset) }),
    summary: 'Rules of some countries to begin with; the customer checks them',
  }),
  policies: list('/overtime-policies', {
    permission: 'shifts.read',
    feature,
    query: PageQuery,
    returns: OvertimePolicy,
    summary: 'List overtime policies by name',
  }),
  policy: get('/overtime-policies/:policyId', {
    permission: 'shifts.read',
    feature,
    returns: OvertimePolicy,
    summary: 'Read an overtime policy',
  }),
  createPolicy: create('/overtime-policies', {
    ...configure,
    body: NewPolicy,
    returns: OvertimePolicy,
    errors: ['POLICY_NAME_TAKEN'],
    summary: 'Say what counts as overtime',
  }),
  updatePolicy: patch('/overtime-policies/:policyId', {
    ...configure,
    body: PolicyChange,
    returns: OvertimePolicy,
    versioned: true,
    errors: ['POLICY_NAME_TAKEN'],
    summary: 'Change a policy; days that are not locked are computed anew',
  }),
  removePolicy: remove('/overtime-policies/:policyId', {
    ...configure,
    versioned: true,
    errors: ['POLICY_IN_USE'],
    summary: 'Remove a policy that no shift names',
  }),
  requests: list('/overtime/requests', {
    ...read,
    query: PageQuery.extend({ state: z.enum(requestStates).optional(), userId: Id.optional() }),
    returns: OvertimeRequest,
    summary: 'List asked-for overtime, newest first',
  }),
  request: create('/overtime/requests', {
    permission: 'overtime.request',
    feature,
    body: NewRequest,
    returns: OvertimeRequest,
    errors: ['PERIOD_LOCKED'],
    summary: 'Ask for overtime before it is worked',
  }),
  approveRequest: act('/overtime/requests/:requestId/approve', {
    ...decide,
    body: Note,
    returns: OvertimeRequest,
    errors: ['SELF_APPROVAL', 'STATE_INVALID', 'PERIOD_LOCKED'],
    summary: 'Allow overtime beforehand: so much of it needs no decision afterwards',
  }),
  rejectRequest: act('/overtime/requests/:requestId/reject', {
    ...decide,
    body: Note,
    returns: OvertimeRequest,
    errors: ['SELF_APPROVAL', 'STATE_INVALID'],
    summary: 'Refuse overtime beforehand',
  }),
  withdrawRequest: act('/overtime/requests/:requestId/withdraw', {
    permission: 'overtime.request',
    feature,
    returns: OvertimeRequest,
    errors: ['STATE_INVALID'],
    summary: 'Take one’s own request back before it is decided',
  }),
  claims: list('/overtime/claims', {
    ...read,
    query: PageQuery.extend({
      state: z.enum(claimStates).optional(),
      userId: Id.optional(),
      from: LocalDate.optional(),
      to: LocalDate.optional(),
    }),
    returns: Claim,
    summary: 'List worked overtime and what became of it, newest first',
  }),
  approveClaim: act('/overtime/claims/:claimId/approve', {
    ...decide,
    body: ClaimApproval,
    returns: Claim,
    errors: ['SELF_APPROVAL', 'STATE_INVALID', 'PERIOD_LOCKED', 'TIME_OFF_UNKNOWN'],
    summary: 'Approve worked overtime, all of it or a part, to be paid or given as time off',
  }),
  rejectClaim: act('/overtime/claims/:claimId/reject', {
    ...decide,
    body: Note,
    returns: Claim,
    errors: ['SELF_APPROVAL', 'STATE_INVALID', 'PERIOD_LOCKED'],
    summary: 'Refuse worked overtime; the time stays visible as unapproved',
  }),
  balances: list('/overtime/balances', {
    ...read,
    query: PageQuery.extend({
      userId: Id.optional(),
      branchId: Id.optional(),
      from: LocalDate.optional(),
      to: LocalDate.optional(),
    }),
    returns: OvertimeBalance,
    summary: 'How much overtime people have, by what became of it',
  }),
};
