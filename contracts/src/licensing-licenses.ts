import { z } from 'zod';
import { act, create, get, list, PageQuery, patch, put, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';
import {
  License,
  LicenseEvent,
  LicenseType,
  CurrentLicense,
  Overage,
  Override,
  PlanCode,
  RenewalBasis,
} from './licensing-values';

const AnchorDay = z.int().min(1).max(31);
const GraceDays = z.int().min(0).max(365);

export const NewLicense = z
  .strictObject({
    type: LicenseType,
    plan: PlanCode,
    startsAt: Instant.optional(),
    /** By default one term of the plan; a perpetual licence has none. */
    expiresAt: Instant.nullable().optional(),
    maintenanceUntil: Instant.nullable().default(null),
    /** By default what the plan says; a trial has none. */
    graceDays: GraceDays.optional(),
    overage: Overage.default('none'),
    renewal: z
      .strictObject({
        auto: z.boolean().default(false),
        basis: RenewalBasis.default('from_expiry'),
        anchorDay: AnchorDay.optional(),
      })
      .prefault({}),
  })
  .refine(({ type, expiresAt }) => type !== 'perpetual' || !expiresAt, {
    error: 'a perpetual licence does not expire',
    path: ['expiresAt'],
  })
  .refine(({ type, expiresAt }) => type === 'perpetual' || expiresAt !== null, {
    error: 'only a perpetual licence has no end',
    path: ['expiresAt'],
  })
  .refine(({ type, maintenanceUntil }) => type === 'perpetual' || maintenanceUntil === null, {
    error: 'only a perpetual licence has a time of maintenance beside its own',
    path: ['maintenanceUntil'],
  });
export type NewLicense = z.output<typeof NewLicense>;

export const LicenseChange = z
  .strictObject({
    type: LicenseType,
    plan: PlanCode,
    expiresAt: Instant.nullable(),
    maintenanceUntil: Instant.nullable(),
    graceDays: GraceDays,
    overage: Overage,
    renewal: z.strictObject({ auto: z.boolean(), basis: RenewalBasis, anchorDay: AnchorDay }).partial(),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });
export type LicenseChange = z.output<typeof LicenseChange>;

export const LicenseKey = z.object({
  id: Id,
  /** What it begins with, to tell keys apart. */
  prefix: z.string(),
  issuedAt: Instant,
  revokedAt: Instant.nullable(),
});
export type LicenseKey = z.infer<typeof LicenseKey>;

const Reason = z.strictObject({ reason: ShortText });
const at = '/platform/organisations/:orgId/licenses';
const one = `${at}/:licenseId` as const;
const admin = { permission: 'license.admin', license: 'any' } as const;
const grave = { ...admin, freshSignIn: true } as const;

/** Of any organisation, for those who run the hub; each act stands in the journals of both. */
export const licenseRows = {
  licenses: list(at, {
    ...admin,
    query: PageQuery,
    returns: License,
    summary: 'List an organisation’s licences, newest first',
  }),
  license: get(one, { ...admin, returns: License, summary: 'Read one licence' }),
  createLicense: create(at, {
    ...grave,
    body: NewLicense,
    returns: License,
    errors: ['ALREADY_LICENSED', 'TRIAL_USED', 'PLAN_UNKNOWN'],
    summary: 'License an organisation; a trial or a licence that has run out makes way',
  }),
  changeLicense: patch(one, {
    ...grave,
    body: LicenseChange,
    returns: License,
    versioned: true,
    errors: ['TRIAL_EXTENDED', 'LICENSE_STATE', 'PLAN_UNKNOWN'],
    summary: 'Change plan, type, dates, grace, overage or renewal; a trial is extended once',
  }),
  suspend: act(`${one}/suspend`, {
    ...grave,
    body: Reason,
    returns: License,
    errors: ['LICENSE_STATE'],
    summary: 'Suspend: within two seconds nothing but billing and export is open',
  }),
  reinstate: act(`${one}/reinstate`, {
    ...grave,
    returns: License,
    errors: ['LICENSE_STATE'],
    summary: 'End a suspension',
  }),
  revoke: act(`${one}/revoke`, {
    ...grave,
    body: Reason,
    returns: License,
    errors: ['LICENSE_STATE'],
    summary: 'Revoke for good: only billing stays open',
  }),
  transfer: act(`${one}/transfer`, {
    ...grave,
    body: z.strictObject({ toOrgId: Id, expiry: z.enum(['keep', 'reset']) }),
    returns: License,
    errors: ['ALREADY_LICENSED', 'LICENSE_STATE'],
    summary: 'Give a licence with its keys to an organisation that has none',
  }),
  renewLicense: act(`${one}/renew`, {
    ...grave,
    body: z.strictObject({ terms: z.int().min(1).max(36).default(1) }),
    returns: License,
    errors: ['LICENSE_STATE'],
    summary: 'Renew without a payment through the hub',
  }),
  overrides: put(`${one}/overrides`, {
    ...grave,
    body: z.strictObject({ overrides: z.array(Override).max(100) }),
    returns: License,
    versioned: true,
    errors: ['LICENSE_STATE'],
    summary: 'Give or take features and raise or lower limits, each with its reason and until when',
  }),
  keys: list(`${one}/keys`, {
    ...admin,
    query: PageQuery,
    returns: LicenseKey,
    summary: 'List a licence’s keys, newest first',
  }),
  issueKey: create(`${one}/keys`, {
    ...grave,
    returns: LicenseKey.extend({ key: z.string() }),
    errors: ['LICENSE_STATE'],
    summary: 'Make a key; the answer shows it, once',
  }),
  revokeKey: remove(`${one}/keys/:keyId`, { ...grave, summary: 'Revoke a key' }),
  file: act(`${one}/file`, {
    ...grave,
    body: z.strictObject({
      /** How long it is good for; null: without end. */
      ttlSeconds: z
        .int()
        .min(3_600)
        .nullable()
        .default(30 * 86_400),
      fingerprint: z.string().min(8).max(200).optional(),
      /** The organisation’s id on the installation, where that is another one. */
      organisation: Id.optional(),
    }),
    returns: z.object({ file: z.string(), kid: z.string(), publicKey: z.string(), expiresAt: Instant.nullable() }),
    errors: ['LICENSE_STATE', 'NOT_FOR_FILES'],
    summary: 'Make a signed file for an installation without a network',
  }),
};

export const ownLicenseRows = {
  current: get('/licensing/current', {
    permission: 'license.read',
    license: 'any',
    returns: CurrentLicense,
    summary: 'Read the organisation’s licence, and what it has too much of',
  }),
  events: list('/licensing/events', {
    permission: 'license.read',
    license: 'any',
    query: PageQuery,
    returns: LicenseEvent,
    summary: 'List what became of the licence, newest first',
  }),
};
