import { z } from 'zod';
import { act, api, create, get, list, PageQuery, patch, remove } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { permissions } from './kit/permissions';
import { Email, Id, Instant, ShortText } from './kit/values';

/** An http or https address without a password in it. */
export const HttpUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((text) => !/^https?:\/\/[^/?#]*@/.test(text), { error: 'must not hold a password' });
const Host = z
  .string()
  .max(253)
  .regex(/^(?:[\da-z](?:[\da-z-]*[\da-z])?(?:\.[\da-z](?:[\da-z-]*[\da-z])?)*|[\da-f:]+)$/i, 'is not a host');

/** A service that is called over HTTP; the probe asks `url` and takes any answer below 400. */
const over = <K extends string>(kind: K) =>
  z.strictObject({
    kind: z.literal(kind),
    url: HttpUrl,
    /** How the secret travels: as bearer token, as password of `user`, or in a header of its own. */
    authorization: z.enum(['none', 'bearer', 'basic', 'header']).default('bearer'),
    user: z.string().max(200).optional(),
    header: z
      .string()
      .max(60)
      .regex(/^x-[\da-z-]+$|^api-key$/i)
      .default('x-api-key'),
  });

export const IntegrationConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('smtp'),
    host: Host,
    port: z.int().min(1).max(65_535),
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    user: z.string().max(200).optional(),
    from: Email,
  }),
  over('sms'),
  over('push'),
  over('maps'),
  over('payment'),
  over('calendar'),
  over('webhook'),
  z.strictObject({
    kind: z.literal('storage'),
    endpoint: HttpUrl.nullable().default(null),
    region: z.string().min(1).max(60),
    bucket: z.string().min(3).max(63),
    accessKeyId: z.string().min(1).max(200),
  }),
  z.strictObject({ kind: z.literal('sso'), issuer: HttpUrl, clientId: z.string().min(1).max(200) }),
]);
export type IntegrationConfig = z.output<typeof IntegrationConfig>;
export const integrationKinds = [
  'smtp',
  'sms',
  'push',
  'maps',
  'storage',
  'webhook',
  'payment',
  'calendar',
  'sso',
] as const satisfies readonly IntegrationConfig['kind'][];

/** Kept sealed; only its last four characters are ever shown. */
export const Secret = z.string().min(1).max(10_000);

export const connectionStates = ['untested', 'ok', 'failing', 'disabled'] as const;

export const Integration = z.object({
  id: Id,
  kind: z.enum(integrationKinds),
  name: ShortText,
  config: IntegrationConfig,
  state: z.enum(connectionStates),
  hasSecret: z.boolean(),
  last4: z.string().nullable(),
  rotatedAt: Instant.nullable(),
  /** Until then the secret before the last rotation works too. */
  previousUntil: Instant.nullable(),
  lastCheckAt: Instant.nullable(),
  lastError: z.string().nullable(),
  /** Probes in a row that failed. */
  failures: z.number().int(),
  createdAt: Instant,
  version: z.number().int(),
});
export type Integration = z.infer<typeof Integration>;

export const NewIntegration = z.strictObject({ name: ShortText, config: IntegrationConfig, secret: Secret.optional() });
export const IntegrationChange = z.strictObject({
  name: ShortText.optional(),
  config: IntegrationConfig.optional(),
  isDisabled: z.boolean().optional(),
});
export const Rotation = z.strictObject({
  secret: Secret,
  /** For how long the earlier secret works beside the new one. */
  overlapHours: z.int().min(0).max(168).default(24),
});
export const ProbeResult = z.object({
  isOk: z.boolean(),
  detail: z.string(),
  state: z.enum(connectionStates),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

const manage = { permission: 'integrations.manage', freshSignIn: true } as const;

export const integrationsApi = api('/integrations', {
  list: list('/', {
    permission: 'integrations.manage',
    query: PageQuery.extend({ kind: z.enum(integrationKinds).optional() }),
    returns: Integration,
    summary: 'List the services that the organisation connected, oldest first',
  }),
  get: get('/:integrationId', {
    permission: 'integrations.manage',
    returns: Integration,
    summary: 'Read one integration, without its secret',
  }),
  create: create('/', { ...manage, body: NewIntegration, returns: Integration, summary: 'Connect a service' }),
  change: patch('/:integrationId', {
    ...manage,
    body: IntegrationChange,
    returns: Integration,
    versioned: true,
    summary: 'Change an integration, or switch it off and on',
  }),
  remove: remove('/:integrationId', {
    ...manage,
    versioned: true,
    summary: 'Disconnect a service and destroy its secret',
  }),
  test: act('/:integrationId/test', {
    ...manage,
    returns: ProbeResult,
    summary: 'Send a probe now; only public addresses are called',
  }),
  rotate: act('/:integrationId/rotate', {
    ...manage,
    body: Rotation,
    returns: Integration,
    summary: 'Give it a new secret; the earlier one works beside it for a while',
  }),
});

const Told = z.object({ id: Id, kind: z.enum(integrationKinds), name: ShortText, at: Instant });

export const integrationsLive = live('/notifications', {
  streams: {
    integrations: stream('log', {
      permission: 'integrations.manage',
      summary: 'How the integrations of an organisation do',
    }),
  },
  calls: {},
  events: {
    'integration:failing': event('integrations', Told, 'An integration did not answer three times in a row'),
    'integration:recovered': event('integrations', Told, 'An integration that failed answers again'),
  },
});

export const checkIntegrations = job('integrations.check-health', {
  payload: z.object({ tick: Instant }),
  summary: 'Probe every integration that is in use',
  attempts: 1,
});

export const integrationsContract = contract({
  name: 'integrations',
  api: integrationsApi,
  live: integrationsLive,
  jobs: [checkIntegrations],
  permissions: permissions({
    'integrations.manage': {
      description: 'Connect services, storage and webhooks, and keep their secrets',
      grants: {},
    },
  }),
});
