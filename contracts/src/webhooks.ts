import { z } from 'zod';
import { act, api, create, get, list, PageQuery, patch, remove } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { errors } from './kit/problem';
import { Id, Instant, ShortText } from './kit/values';
import { HttpUrl } from './integrations';

const EventName = z
  .string()
  .max(80)
  .regex(/^([a-z][a-z-]*:[a-z][a-z-]*|\*)$/, 'is not the name of an event');
const Events = z.array(EventName).min(1).max(100);

export const Webhook = z.object({
  id: Id,
  name: ShortText,
  url: HttpUrl,
  events: Events,
  isEnabled: z.boolean(),
  last4: z.string().nullable(),
  /** Until then deliveries carry a signature by the earlier secret too. */
  previousUntil: Instant.nullable(),
  /** Deliveries in a row that were given up. */
  failures: z.number().int(),
  createdAt: Instant,
  version: z.number().int(),
});
export type Webhook = z.infer<typeof Webhook>;

/** Shown once: nobody can read it again. */
export const WebhookWithSecret = Webhook.extend({ secret: z.string() });

export const Delivery = z.object({
  id: Id,
  webhookId: Id,
  event: z.string(),
  state: z.enum(['waiting', 'delivered', 'given-up']),
  attempts: z.number().int(),
  nextAt: Instant.nullable(),
  /** Of the last attempt. */
  status: z.number().int().nullable(),
  error: z.string().nullable(),
  durationMs: z.number().int().nullable(),
  body: z.string(),
  createdAt: Instant,
  deliveredAt: Instant.nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

const manage = { permission: 'integrations.manage', freshSignIn: true, feature: 'webhooks' } as const;
const see = { permission: 'integrations.manage' } as const;

export const webhooksApi = api('/webhooks', {
  list: list('/', { ...see, query: PageQuery, returns: Webhook, summary: 'List where events are sent, oldest first' }),
  get: get('/:webhookId', { ...see, returns: Webhook, summary: 'Read one webhook' }),
  create: create('/', {
    ...manage,
    body: z.strictObject({ name: ShortText, url: HttpUrl, events: Events }),
    returns: WebhookWithSecret,
    errors: ['UNKNOWN_EVENT'],
    summary: 'Send events to an address; the answer holds the secret that signs them, once',
  }),
  change: patch('/:webhookId', {
    ...manage,
    body: z.strictObject({
      name: ShortText.optional(),
      url: HttpUrl.optional(),
      events: Events.optional(),
      isEnabled: z.boolean().optional(),
    }),
    returns: Webhook,
    versioned: true,
    errors: ['UNKNOWN_EVENT'],
    summary: 'Change a webhook, or switch it off and on',
  }),
  remove: remove('/:webhookId', { ...manage, versioned: true, summary: 'Stop sending, and forget what was sent' }),
  rotate: act('/:webhookId/rotate', {
    ...manage,
    body: z.strictObject({ overlapHours: z.int().min(0).max(168).default(24) }),
    returns: WebhookWithSecret,
    summary: 'Make a new secret; for a while deliveries are signed by both',
  }),
  test: act('/:webhookId/test', { ...manage, returns: Delivery, summary: 'Send `webhook:tested` there' }),
  deliveries: list('/:webhookId/deliveries', {
    ...see,
    query: PageQuery.extend({ state: Delivery.shape.state.optional() }),
    returns: Delivery,
    summary: 'List what was sent in the last thirty days and what came back, newest first',
  }),
  redeliver: act('/:webhookId/deliveries/:deliveryId/redeliver', {
    ...manage,
    returns: Delivery,
    summary: 'Send it once more, with the same id',
  }),
});

export const deliverWebhook = job('webhooks.deliver-event', {
  payload: z.object({ orgId: Id, deliveryId: Id, attempt: z.int().min(1) }),
  summary: 'Send an event to a webhook',
});
export const tidyDeliveries = job('webhooks.tidy-deliveries', {
  payload: z.object({ tick: Instant }),
  summary: 'Forget deliveries older than thirty days',
});

export const webhooksContract = contract({
  name: 'webhooks',
  api: webhooksApi,
  jobs: [deliverWebhook, tidyDeliveries],
  errors: errors({
    UNKNOWN_EVENT: { status: 422, title: 'Unknown event', help: 'See `/docs/live` for the events of `log` streams.' },
  }),
});
