import { z } from 'zod';
import { act, api, create, get, list, PageQuery, patch, remove } from './kit/api';
import { contract } from './kit/contract';
import { builtInRoles } from './kit/permissions';
import { Id, Instant, ShortText } from './kit/values';
import { checkInTypes } from './check-ins-values';

/** What a type of check-in asks for; what a rule leaves out stays as the type's own. */
export const RuleSettings = z.strictObject({
  /** `advisory` notes whether it was inside; `required` refuses what is outside. */
  fence: z.enum(['required', 'advisory', 'none']),
  /** Branches whose fences count; empty: all that the person belongs to. */
  allowedBranches: z.array(Id).max(200),
  photo: z.enum(['never', 'random', 'always']),
  /** How many of a thousand, where the photo is `random`. */
  photoPerMille: z.number().int().min(0).max(1_000),
  maxAccuracyM: z.number().min(1).max(100_000),
  acceptP: z.number().min(0.5).max(1),
  rejectP: z.number().min(0).max(0.5),
  onUncertain: z.enum(['accept', 'review', 'reject']),
  onSpoof: z.enum(['review', 'reject']),
  /** Refuse made-up places, emulators and wrong signatures at once instead of storing them rejected. */
  hardBlock: z.boolean(),
  offlineMaxHours: z.number().int().min(1).max(720),
  needsPair: z.boolean(),
  minSecondsBetween: z.number().int().min(0).max(3_600),
  /** What becomes of a flagged one that nobody reviewed for seven days. */
  afterSevenDays: z.enum(['accept', 'reject']),
  payWhileFlagged: z.boolean(),
  needsDevice: z.boolean(),
  /** The code in the room has to be scanned. */
  needsCode: z.boolean(),
  /** Leaving the fence checks out. */
  autoCheckOut: z.boolean(),
  challengesPerShift: z.number().int().min(0).max(12),
});
export type RuleSettings = z.infer<typeof RuleSettings>;

const RuleChange = RuleSettings.partial().refine(({ acceptP = 1, rejectP = 0 }) => rejectP < acceptP, {
  error: 'must be less than `acceptP`',
  path: ['rejectP'],
});

export const NewCheckInRule = z.strictObject({
  type: z.enum(checkInTypes),
  branchId: Id.nullable().default(null),
  role: z.enum(builtInRoles).nullable().default(null),
  settings: RuleChange,
});

export const CheckInRule = z.object({
  id: Id,
  type: z.enum(checkInTypes),
  branchId: Id.nullable(),
  role: z.string().nullable(),
  settings: RuleSettings.partial(),
  version: z.number().int(),
});
export type CheckInRule = z.infer<typeof CheckInRule>;

export const NewDevice = z.strictObject({
  /** Ed25519, the 32 raw bytes, base64. */
  publicKey: z.string().max(100),
  platform: z.enum(['android', 'ios', 'web', 'other']),
  model: ShortText,
  attestation: z.record(z.string().max(40), z.string().max(4_000)).optional(),
});

export const CheckInDevice = z.object({
  id: Id,
  userId: Id,
  platform: z.enum(['android', 'ios', 'web', 'other']),
  model: z.string(),
  state: z.enum(['pending', 'trusted', 'blocked']),
  enrolledAt: Instant,
  /** When its clock was compared with the hub’s. */
  syncedAt: Instant.nullable(),
});
export type CheckInDevice = z.infer<typeof CheckInDevice>;

export const MeetingCode = z.object({ meetingId: Id, code: z.string(), from: Instant, until: Instant });

const configure = { permission: 'check-ins.configure' } as const;

export const checkInSetupApi = api('', {
  rules: list('/check-in-rules', { ...configure, query: PageQuery, returns: CheckInRule, summary: 'List the rules' }),
  rule: get('/check-in-rules/:ruleId', { ...configure, returns: CheckInRule, summary: 'Read a rule' }),
  makeRule: create('/check-in-rules', {
    ...configure,
    body: NewCheckInRule,
    returns: CheckInRule,
    errors: ['RULE_EXISTS'],
    summary: 'Say what a type of check-in asks for, of everybody or of a branch or a role',
  }),
  changeRule: patch('/check-in-rules/:ruleId', {
    ...configure,
    body: z.strictObject({ settings: RuleChange }),
    returns: CheckInRule,
    versioned: true,
    summary: 'Replace what a rule asks for',
  }),
  removeRule: remove('/check-in-rules/:ruleId', { ...configure, versioned: true, summary: 'Take a rule away' }),
  enrol: create('/devices', {
    permission: 'devices.enrol',
    body: NewDevice,
    returns: CheckInDevice,
    errors: ['KEY_NOT_ED25519', 'DEVICE_KEY_TAKEN'],
    summary: 'Enrol a phone with the public key that it made for itself',
  }),
  devices: list('/devices', {
    permission: 'devices.enrol',
    query: PageQuery.extend({ userId: Id.optional() }),
    returns: CheckInDevice,
    summary: 'List one’s own devices, or a person’s for whoever manages them',
  }),
  removeDevice: remove('/devices/:enrolledId', {
    permission: 'devices.enrol',
    summary: 'Forget one’s own device; what it signed stays signed',
  }),
  blockDevice: act('/devices/:enrolledId/block', {
    permission: 'devices.manage',
    body: z.strictObject({ reason: z.string().trim().min(1).max(300), blocked: z.boolean().default(true) }),
    returns: CheckInDevice,
    summary: 'Take nothing from a device any more, or trust it again',
  }),
  meetingCode: get('/meetings/:meetingId/check-in-code', {
    permission: 'check-ins.create',
    returns: MeetingCode,
    summary: 'The code that the room of a meeting shows now; another every 30 s',
  }),
});

export const checkInSetupContract = contract({ name: 'check-in-setup', api: checkInSetupApi });
