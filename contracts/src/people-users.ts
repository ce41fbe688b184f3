import { z } from 'zod';
import { act, create, get, list, PageQuery, patch, put } from './kit/api';
import { Email, Id, LocalDate, ShortText, TimeZone } from './kit/values';
import {
  Address,
  CustomFieldName,
  CustomValue,
  EmergencyContact,
  FieldRules,
  Locale,
  Phone,
  SeenUser,
  User,
  userStatuses,
} from './people-values';

export const EmployeeNo = z.string().trim().min(1).max(40);
export const RoleName = z.string().trim().min(1).max(60);

export const Invitation = z.strictObject({
  email: Email,
  name: ShortText,
  /** What the person may do from the first day; whoever invites cannot give more than he holds. */
  roles: z.array(RoleName).min(1).max(20),
  branchId: Id.nullable().default(null),
  kind: z.enum(['person', 'client', 'reseller']).default('person'),
  phone: Phone.nullable().default(null),
  jobTitle: ShortText.nullable().default(null),
  employeeNo: EmployeeNo.nullable().default(null),
  managerId: Id.nullable().default(null),
  timezone: TimeZone.nullable().default(null),
  locale: Locale.nullable().default(null),
  startedOn: LocalDate.nullable().default(null),
});

const own = {
  name: ShortText,
  phone: Phone.nullable(),
  timezone: TimeZone.nullable(),
  locale: Locale.nullable(),
  avatarDocumentId: Id.nullable(),
  address: Address.nullable(),
  birthday: LocalDate.nullable(),
  emergencyContact: EmergencyContact.nullable(),
  skills: z.array(z.string().trim().min(1).max(60)).max(50),
  /** By name; null takes a value away, names that are left out keep theirs. */
  customFields: z.record(CustomFieldName, CustomValue.nullable()),
};
const namesSomething = (change: object): boolean => Object.keys(change).length > 0;
const nothing = { error: 'names nothing to change' };

/** What a person may change about himself, as far as the field rules let him. */
export const OwnChange = z.strictObject(own).partial().refine(namesSomething, nothing);
export const UserChange = z
  .strictObject({
    ...own,
    /** Only of an invitation that was not accepted: later the person changes it himself. */
    email: Email,
    homeBranchId: Id.nullable(),
    managerId: Id.nullable(),
    jobTitle: ShortText.nullable(),
    employeeNo: EmployeeNo.nullable(),
    startedOn: LocalDate.nullable(),
    endedOn: LocalDate.nullable(),
  })
  .partial()
  .refine(namesSomething, nothing);

export const Report = SeenUser.extend({ managerId: Id, depth: z.number().int() });

const standing = {
  permission: 'people.write',
  returns: SeenUser,
  errors: ['USER_STATE_INVALID', 'OWNER_IMMUTABLE', 'LAST_ADMIN'],
} as const;

export const userRows = {
  list: list('/users', {
    permission: 'people.read',
    query: PageQuery.extend({
      status: z.enum(userStatuses).optional(),
      branchId: Id.optional(),
      teamId: Id.optional(),
      role: RoleName.optional(),
      q: z.string().trim().min(1).max(120).optional(),
    }),
    returns: SeenUser,
    summary: 'List the people of the organisation by name; who may see details finds those who left too',
  }),
  get: get('/users/:userId', { permission: 'people.read', returns: SeenUser, summary: 'Read one person' }),
  reports: list('/users/:userId/reports', {
    permission: 'people.read',
    query: PageQuery,
    returns: Report,
    summary: 'List everybody below a person by manager, nearest first',
  }),
  invite: create('/users', {
    permission: 'people.write',
    body: Invitation,
    returns: User,
    errors: ['EMAIL_TAKEN', 'EMPLOYEE_NO_TAKEN', 'OWNER_IMMUTABLE', 'MANAGER_DEPTH', 'LICENSE_LIMIT_REACHED'],
    summary: 'Invite somebody, with roles and a branch',
  }),
  resendInvite: act('/users/:userId/resend-invite', {
    permission: 'people.write',
    returns: SeenUser,
    errors: ['USER_STATE_INVALID'],
    summary: 'Send the invitation again; the earlier link ends',
  }),
  suspend: act('/users/:userId/suspend', { ...standing, summary: 'Keep a person out for a while' }),
  reactivate: act('/users/:userId/reactivate', {
    ...standing,
    errors: ['USER_STATE_INVALID', 'TOO_LATE', 'LICENSE_LIMIT_REACHED'],
    summary: 'Let a suspended person in again, or take a deactivation back within thirty days',
  }),
  deactivate: act('/users/:userId/deactivate', {
    ...standing,
    summary: 'End a person’s time here: sessions end, the seat is free, history stays',
  }),
  update: patch('/users/:userId', {
    permission: 'people.write',
    body: UserChange,
    returns: SeenUser,
    versioned: true,
    errors: [
      'EMAIL_TAKEN',
      'EMPLOYEE_NO_TAKEN',
      'MANAGER_CYCLE',
      'MANAGER_DEPTH',
      'FIELD_FORBIDDEN',
      'USER_STATE_INVALID',
    ],
    summary: 'Change a person',
  }),
  fieldRules: get('/users/fields', {
    permission: 'people.read',
    returns: FieldRules,
    summary: 'Which fields people have, who sees and who changes them',
  }),
  setFieldRules: put('/users/fields', {
    permission: 'people.manage-fields',
    body: FieldRules,
    returns: FieldRules,
    summary: 'Say which fields people have, who sees and who changes them',
  }),
};
