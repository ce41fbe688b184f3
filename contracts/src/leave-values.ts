import { z } from 'zod';
import { Id, Instant, LocalDate, ShortText } from './kit/values';

/** 1000 is one day. */
const MilliDays = z.number().int().min(0).max(1_000_000);
/** `03-31`; 29 February is 28 February in other years. */
export const MonthDay = z
  .string()
  .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'is a day of the year such as 03-31')
  .refine(
    (text) =>
      !Number.isNaN(Date.parse(`2024-${text}T00:00:00Z`)) &&
      new Date(`2024-${text}T00:00:00Z`).toISOString().slice(5, 10) === text,
    {
      error: 'is no day of any year',
    },
  );

export const leaveUnits = ['day', 'half_day', 'hour'] as const;
export const accrualEvery = ['none', 'upfront', 'monthly', 'quarterly', 'yearly'] as const;
export const accrualOn = ['first', 'last', 'anniversary'] as const;
export const prorations = ['none', 'by_day', 'full_month', 'mid_month_15'] as const;
export const halves = ['first', 'second'] as const;
export type Half = (typeof halves)[number];

export const Accrual = z.strictObject({
  every: z.enum(accrualEvery),
  /** The first or the last day of each period, or periods counted from the day on which the person began. */
  on: z.enum(accrualOn).default('last'),
});

/** Who may take it; everything that is named must hold. */
export const Eligibility = z.strictObject({
  /** Of these branches or of those below them. */
  branchIds: z.array(Id).max(200).optional(),
  jobTitles: z.array(ShortText).max(100).optional(),
  userIds: z.array(Id).max(1_000).optional(),
  minServiceMonths: z.int().min(0).max(600).optional(),
});
export type Eligibility = z.infer<typeof Eligibility>;

export const CarryExpiry = z.union([
  z.strictObject({ months: z.int().min(1).max(60) }),
  z.strictObject({ date: MonthDay }),
]);
export type CarryExpiry = z.infer<typeof CarryExpiry>;

const policyShape = {
  /** The first day of the leave year, `01-01`. With `anniversary` every person’s year begins on a day of its own. */
  yearStartsOn: MonthDay,
  accrual: Accrual,
  annualMilliDays: MilliDays,
  /** What the period in which somebody began gives. */
  proration: z.enum(prorations),
  roundingMilliDays: z.union([z.literal(1), z.literal(250), z.literal(500), z.literal(1000)]),
  rounding: z.literal('half_up'),
  /** Null: all of it. */
  carryMaxMilliDays: MilliDays.nullable(),
  /** The last day on which carried days can be taken. Null: they stay. */
  carryExpires: CarryExpiry.nullable(),
  /** Accrual stops here. */
  maxBalanceMilliDays: MilliDays.nullable(),
  negativeLimitMilliDays: MilliDays,
  /** Holidays inside the leave cost a day like any other. */
  countsHolidays: z.boolean(),
  minNoticeDays: z.int().min(0).max(365),
  /** Of days that cost something, joined by nothing but days off. */
  maxConsecutiveDays: z.int().min(1).max(1_000).nullable(),
  probationDays: z.int().min(0).max(1_000),
  /** Longer leave needs a document. Null: never. */
  documentsAfterDays: z.int().min(0).max(1_000).nullable(),
  eligibility: Eligibility,
  /** How many managers, one above the other, have to agree. */
  approvalLevels: z.int().min(1).max(3),
  /** How long time off in lieu can be taken. Null: always. */
  timeOffDays: z.int().min(1).max(1_000).nullable(),
};
export const LeavePolicy = z.strictObject(policyShape);
export type LeavePolicy = z.infer<typeof LeavePolicy>;

const Code = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'is a word of small letters, digits and hyphens');
const typeShape = {
  code: Code,
  name: ShortText,
  unit: z.enum(leaveUnits),
  isPaid: z.boolean(),
  /** Without it everybody may take as much as is approved. */
  needsBalance: z.boolean(),
  /** Gets what overtime is turned into; one type of an organisation at most. */
  isTimeOff: z.boolean(),
  /** Nothing accrues before this date. */
  startsOn: LocalDate,
  isActive: z.boolean(),
};

export const LeaveType = z.object({ id: Id, ...typeShape, ...policyShape, version: z.number().int() });
export type LeaveType = z.infer<typeof LeaveType>;

export const NewLeaveType = z.strictObject({
  code: Code,
  name: ShortText,
  unit: z.enum(leaveUnits).default('half_day'),
  isPaid: z.boolean().default(true),
  needsBalance: z.boolean().default(true),
  isTimeOff: z.boolean().default(false),
  /** By default today. */
  startsOn: LocalDate.optional(),
  yearStartsOn: policyShape.yearStartsOn.default('01-01'),
  accrual: Accrual.default({ every: 'none', on: 'last' }),
  annualMilliDays: MilliDays.default(0),
  proration: policyShape.proration.default('by_day'),
  roundingMilliDays: policyShape.roundingMilliDays.default(1),
  rounding: policyShape.rounding.default('half_up'),
  carryMaxMilliDays: policyShape.carryMaxMilliDays.default(0),
  carryExpires: policyShape.carryExpires.default(null),
  maxBalanceMilliDays: policyShape.maxBalanceMilliDays.default(null),
  negativeLimitMilliDays: MilliDays.default(0),
  countsHolidays: z.boolean().default(false),
  minNoticeDays: policyShape.minNoticeDays.default(0),
  maxConsecutiveDays: policyShape.maxConsecutiveDays.default(null),
  probationDays: policyShape.probationDays.default(0),
  documentsAfterDays: policyShape.documentsAfterDays.default(null),
  eligibility: Eligibility.default({}),
  approvalLevels: policyShape.approvalLevels.default(1),
  timeOffDays: policyShape.timeOffDays.default(null),
});

const { startsOn: _starts, isTimeOff: _timeOff, ...changeable } = typeShape;
export const LeaveTypeChange = z
  .strictObject({ ...changeable, ...policyShape })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const leaveStates = [
  'draft',
  'pending',
  'approved',
  'taken',
  'rejected',
  'withdrawn',
  'cancelled',
  'shortened',
] as const;
export type LeaveState = (typeof leaveStates)[number];

export const Approver = z.object({
  userId: Id,
  state: z.enum(['waiting', 'approved', 'rejected']),
  at: Instant.nullable(),
});
export type Approver = z.infer<typeof Approver>;

export const LeaveRequest = z.object({
  id: Id,
  userId: Id,
  userName: z.string(),
  branchId: Id.nullable(),
  typeId: Id,
  typeCode: z.string(),
  from: LocalDate,
  /** The last day of it. */
  to: LocalDate,
  /** Of the first day only this half. */
  firstHalf: z.enum(halves).nullable(),
  /** Of the last day only this half. */
  lastHalf: z.enum(halves).nullable(),
  /** Of one date so many minutes. */
  minutes: z.number().int().nullable(),
  milliDays: z.number().int(),
  state: z.enum(leaveStates),
  /** In the order in which they are asked. */
  approvers: z.array(Approver),
  reason: z.string().nullable(),
  documentIds: z.array(Id),
  requestedBy: Id,
  requestedAt: Instant.nullable(),
  decidedBy: Id.nullable(),
  decidedAt: Instant.nullable(),
  note: z.string().nullable(),
  version: z.number().int(),
});
export type LeaveRequest = z.infer<typeof LeaveRequest>;

export const LeaveDay = z.object({
  date: LocalDate,
  milliDays: z.number().int(),
  half: z.enum(halves).nullable(),
  minutes: z.number().int().nullable(),
  mark: z.enum(['weekend', 'holiday']).nullable(),
  /** Given back before it was taken. */
  isReleased: z.boolean(),
});
export type LeaveDay = z.infer<typeof LeaveDay>;

export const LeaveWarning = z.object({
  code: z.enum(['COVER_TOO_LOW']),
  message: z.string(),
  dates: z.array(LocalDate),
});
export type LeaveWarning = z.infer<typeof LeaveWarning>;

/** A request with its days, and what the caller may want to look at before it is decided. */
export const LeaveRequestInFull = LeaveRequest.extend({ days: z.array(LeaveDay), warnings: z.array(LeaveWarning) });
export type LeaveRequestInFull = z.infer<typeof LeaveRequestInFull>;

export const lotKinds = ['accrual', 'carry', 'grant', 'comp_off', 'adjustment', 'overdraft'] as const;
export type LotKind = (typeof lotKinds)[number];
export const LeaveLot = z.object({
  id: Id,
  kind: z.enum(lotKinds),
  milliDays: z.number().int(),
  /** Below 0 only where somebody took more than was there, as the type allows. */
  remaining: z.number().int(),
  reserved: z.number().int(),
  validFrom: LocalDate,
  /** The last day on which it can be taken. */
  expiresOn: LocalDate.nullable(),
});
export type LeaveLot = z.infer<typeof LeaveLot>;

export const LeaveBalance = z.object({
  userId: Id,
  userName: z.string(),
  typeId: Id,
  typeCode: z.string(),
  typeName: z.string(),
  asOf: LocalDate,
  balance: z.number().int(),
  /** Held by requests that wait for a decision. */
  reserved: z.number().int(),
  available: z.number().int(),
  /** Since the leave year began. */
  accrued: z.number().int(),
  taken: z.number().int(),
  expired: z.number().int(),
  /** What a date to come is expected to add, and to let expire. */
  toAccrue: z.number().int(),
  toExpire: z.number().int(),
  /** Those that hold something today; none for a date that is not today. */
  lots: z.array(LeaveLot),
});
export type LeaveBalance = z.infer<typeof LeaveBalance>;

export const entryReasons = [
  'accrue',
  'consume',
  'release',
  'expire',
  'carry_out',
  'carry_in',
  'adjust',
  'encash',
] as const;
export type EntryReason = (typeof entryReasons)[number];
export const LeaveEntry = z.object({
  id: Id,
  userId: Id,
  typeId: Id,
  lotId: Id,
  lotKind: z.enum(lotKinds),
  delta: z.number().int(),
  reason: z.enum(entryReasons),
  requestId: Id.nullable(),
  leaveDate: LocalDate.nullable(),
  /** The local date on which it counts. */
  on: LocalDate,
  actorId: Id.nullable(),
  note: z.string().nullable(),
  at: Instant,
});
export type LeaveEntry = z.infer<typeof LeaveEntry>;

export const CalendarLeave = z.object({
  requestId: Id,
  userId: Id,
  userName: z.string(),
  branchId: Id.nullable(),
  date: LocalDate,
  milliDays: z.number().int(),
  half: z.enum(halves).nullable(),
  state: z.enum(['pending', 'approved', 'taken', 'shortened']),
  typeCode: z.string(),
});
export type CalendarLeave = z.infer<typeof CalendarLeave>;
