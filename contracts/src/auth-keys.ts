import { z } from 'zod';
import { create, get, list, PageQuery, patch, remove } from './kit/api';
import { job } from './kit/job';
import { Id, Instant, ShortText } from './kit/values';
import { AddressRange } from './settings-security';

const Permissions = z.array(z.string().min(3).max(80)).min(1).max(200);
const Addresses = z.array(AddressRange).max(50);

export const ApiKey = z.object({
  id: Id,
  /** The service account that calls made with the key are made by. */
  userId: Id,
  name: z.string(),
  /** What the key begins with, to tell it by. */
  prefix: z.string(),
  /** What it may do, as far as who made it may do that too. */
  permissions: z.array(z.string()),
  /** From where; everywhere when empty. */
  ipAllow: z.array(z.string()),
  createdBy: Id,
  createdAt: Instant,
  expiresAt: Instant,
  /** To within five minutes. */
  lastUsedAt: Instant.nullable(),
  version: z.number().int(),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const NewApiKey = z.strictObject({
  name: ShortText,
  permissions: Permissions,
  ipAllow: Addresses.default([]),
  /** By default after ninety days, or as long as the organisation lets keys live. */
  expiresAt: Instant.optional(),
});
export const ApiKeyChange = z.strictObject({
  name: ShortText.optional(),
  permissions: Permissions.optional(),
  ipAllow: Addresses.optional(),
  expiresAt: Instant.optional(),
});

export const MadeApiKey = ApiKey.extend({
  /** The key itself: shown now and never again. */
  secret: z.string(),
});
export type MadeApiKey = z.infer<typeof MadeApiKey>;

const manage = { permission: 'api-keys.manage', feature: 'api-keys' } as const;

/** Rows of `/auth` about API keys. */
export const apiKeyRows = {
  apiKeys: list('/api-keys', { ...manage, query: PageQuery, returns: ApiKey, summary: 'List API keys, newest first' }),
  apiKey: get('/api-keys/:apiKeyId', { ...manage, returns: ApiKey, summary: 'Read one API key' }),
  makeApiKey: create('/api-keys', {
    ...manage,
    freshSignIn: true,
    body: NewApiKey,
    returns: MadeApiKey,
    summary: 'Make an API key, and a service account for it',
  }),
  changeApiKey: patch('/api-keys/:apiKeyId', {
    ...manage,
    freshSignIn: true,
    versioned: true,
    body: ApiKeyChange,
    returns: ApiKey,
    summary: 'Change what an API key may do, from where, and until when',
  }),
  // Without the feature: whoever leaves the plan must still be able to close what it opened.
  revokeApiKey: remove('/api-keys/:apiKeyId', {
    permission: manage.permission,
    license: 'any',
    freshSignIn: true,
    summary: 'Revoke an API key; it ends within two seconds, on its sockets too',
  }),
};

const Tick = z.object({ tick: z.string().optional() });

export const rotateKeys = job('auth.rotate-keys', {
  payload: Tick,
  summary: 'Makes the successors of the keys that sign and wrap access tokens',
});
export const sweepSessions = job('auth.sweep-sessions', {
  payload: Tick,
  summary: 'Ends sessions that ran out, and forgets what proves nothing any more',
});
