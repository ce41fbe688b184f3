import { z } from 'zod';
import { act, create, list, PageQuery, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';
import { Feature, License, LicenseState, LicenseType, LimitValues } from './licensing-values';

export type ValidationCode =
  | 'NOT_FOUND'
  | 'REVOKED'
  | 'SUSPENDED'
  | 'NOT_STARTED'
  | 'EXPIRED'
  | 'GRACE'
  | 'FEATURE_MISSING'
  | 'NO_ACTIVATION'
  | 'ACTIVATION_DEAD'
  | `TOO_MANY_${string}`
  | 'QUOTA_EXCEEDED'
  | 'EXPIRING'
  | 'VALID';

const Finding = z.object({ code: z.string(), detail: z.string() });

/** Always of this shape, so that an answer tells by what it says and not by how it looks. */
export const Validation = z.object({
  valid: z.boolean(),
  /** The first thing that is wrong, or `VALID` or `GRACE`. */
  code: z.string(),
  detail: z.string(),
  /** All that is wrong or near it, in the same order. */
  warnings: z.array(Finding),
  license: z
    .object({
      type: LicenseType,
      plan: z.string(),
      state: LicenseState,
      until: Instant.nullable(),
      maintenanceUntil: Instant.nullable(),
    })
    .nullable(),
  validatedAt: Instant,
});
export type Validation = z.infer<typeof Validation>;

const Fingerprint = z.string().min(8).max(200);

/** What a licence file says. */
export const FilePayload = z.strictObject({
  v: z.literal(1),
  kid: z.string().max(64),
  lic: Id,
  org: Id,
  plan: z.string(),
  type: LicenseType,
  iat: Instant,
  /** Null: without end. */
  exp: Instant.nullable(),
  entitlements: z.array(Feature),
  limits: LimitValues,
  grace: z.int().min(0).max(365).optional(),
  /** SHA-256 of the machine’s fingerprint, in hexadecimal. */
  fingerprint: z.string().length(64).optional(),
});
export type FilePayload = z.infer<typeof FilePayload>;

export const Activation = z.object({
  id: Id,
  label: z.string(),
  state: z.enum(['alive', 'dead', 'deactivated']),
  firstSeenAt: Instant,
  lastBeatAt: Instant,
  /** How often to send a heartbeat; two that do not come are a death. */
  heartbeatSeconds: z.number().int(),
});
export type Activation = z.infer<typeof Activation>;

const node = { permission: 'license.activate', license: 'any', apiKey: true } as const;

export const nodeRows = {
  validate: act('/licensing/validate', {
    public: 'whoever has a key may ask what it is good for',
    body: z.strictObject({
      key: z.string().min(1).max(80),
      feature: Feature.optional(),
      /** Of the machine that asks: whether it is activated, and alive. */
      fingerprint: Fingerprint.optional(),
    }),
    returns: Validation,
    errors: ['KEY_CHECKSUM'],
    summary: 'Ask whether a licence key is valid; thirty times a minute from one address',
  }),
  activations: list('/licensing/activations', {
    ...node,
    query: PageQuery,
    returns: Activation,
    summary: 'List the machines of the licence, newest first',
  }),
  activate: create('/licensing/activations', {
    ...node,
    body: z.strictObject({ fingerprint: Fingerprint, label: ShortText }),
    returns: Activation,
    errors: ['LICENSE_LIMIT_REACHED', 'LICENSE_STATE'],
    summary: 'Activate a machine; one that is known comes back to its place',
  }),
  heartbeat: act('/licensing/activations/:activationId/heartbeat', {
    ...node,
    returns: Activation.extend({ license: z.object({ state: LicenseState, until: Instant.nullable() }) }),
    errors: ['LICENSE_LIMIT_REACHED', 'LICENSE_STATE'],
    summary: 'Say that a machine is alive, every ten minutes',
  }),
  deactivate: remove('/licensing/activations/:activationId', { ...node, summary: 'Free the place of a machine' }),
  installFile: act('/licensing/files', {
    permission: 'license.buy',
    license: 'any',
    freshSignIn: true,
    body: z.strictObject({ file: z.string().max(32_000), fingerprint: Fingerprint.optional() }),
    returns: License,
    errors: ['FILE_SIGNATURE', 'FILE_NOT_FOR_YOU', 'FILE_EXPIRED', 'CLOCK_TAMPERED', 'ALREADY_LICENSED'],
    summary: 'License this installation by a signed file',
  }),
};
