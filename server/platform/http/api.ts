import type { Permission } from '@loro/contracts/catalog';
import type { Endpoint } from '@loro/contracts/kit/api';
import { Id } from '@loro/contracts/kit/values';
import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Actor } from '../actor';
import { allow } from '../auth/ports';
import type { Page } from '../db/pages';
import { HubError, Invalid, parse, Unauthenticated } from '../errors';
import type { Hub } from '../hub';
import { readBody } from './body';
import type { ApiLimits } from './limits';
import type { HubRequest, Route } from './routes';

export const API = '/api/v1';
const KEY = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;

/** Every room's REST table under `/api/v1`. */
export function apiRouter(hub: Hub, limits: ApiLimits): Router {
  const router = new Router({ prefix: API, exclusive: true });
  const mounts = hub.modules.flatMap((module) => module.routes?.(hub.use(module)) ?? []);
  // `/users/me` must win over `/users/:userId`, whatever the order of the table.
  for (const route of mounts.toSorted((a, b) => Number(a.path.includes(':')) - Number(b.path.includes(':'))))
    router.register(route.path, [route.endpoint.method], (ctx) => serve(hub, limits, route, ctx));
  return router;
}

async function serve(hub: Hub, limits: ApiLimits, route: Route, ctx: Context): Promise<void> {
  const { endpoint } = route;
  const actor = 'permission' in endpoint.access ? await authenticate(hub, ctx) : null;
  if (actor) {
    await limits.take(actor);
    // The boot has checked that the permission is registered.
    if ('permission' in endpoint.access) allow(actor, endpoint.access.permission as Permission);
  } else await limits.takeAddress(ctx.ip);

  const params = parseParams((ctx['params'] ?? {}) as Record<string, string>);
  const query = endpoint.query ? parse(endpoint.query, { ...ctx.query }, 'BAD_QUERY') : undefined;
  const raw = endpoint.method === 'GET' ? undefined : await readBody(ctx);
  const body = endpoint.body ? parse(endpoint.body, raw ?? {}) : undefined;
  const request = requestOf(hub, ctx, { actor, params, query, body, ifMatch: ifMatchOf(endpoint, ctx) });

  const key = ctx.get('idempotency-key');
  if (endpoint.method === 'POST' && key !== '' && actor) {
    if (!KEY.test(key))
      throw new Invalid('VALIDATION_FAILED', 'The Idempotency-Key is not a ULID.', {
        errors: [{ path: 'Idempotency-Key', code: 'invalid_format', message: 'is not a ULID' }],
      });
    const command = { actor, id: key.toUpperCase(), input: { ...params, ...(body as object | undefined) } };
    const { data, replayed } = await hub.commands.once(command, () => route.handle(request));
    if (replayed) ctx.set('Idempotent-Replay', 'true');
    return answer(ctx, route, data, query);
  }
  return answer(ctx, route, await route.handle(request), query);
}

async function authenticate(hub: Hub, ctx: Context): Promise<Actor> {
  const [scheme, token] = ctx.get('authorization').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw new Unauthenticated('UNAUTHENTICATED', 'Please sign in.');
  const { actor } = await hub.authenticator.authenticate(token);
  ctx.state['actor'] = actor;
  return actor;
}

function parseParams(params: Record<string, string>): Record<string, string> {
  const result = z.record(z.string(), Id).safeParse(params);
  // An id that cannot exist is a thing that does not exist.
  if (!result.success) throw new HubError('NOT_FOUND', 'This does not exist.');
  return result.data;
}

function ifMatchOf(endpoint: Endpoint, ctx: Context): number {
  if (!endpoint.versioned) return Number.NaN;
  const header = ctx.get('if-match');
  if (header === '') throw new HubError('PRECONDITION_REQUIRED', 'Send the version you read, in If-Match.');
  const version = Number(header.replace(/^W\//, '').replaceAll('"', ''));
  if (!Number.isInteger(version)) throw new HubError('VERSION_CONFLICT', 'If-Match holds no version of this hub.');
  return version;
}

function requestOf(
  hub: Hub,
  ctx: Context,
  parsed: { actor: Actor | null; params: unknown; query: unknown; body: unknown; ifMatch: number },
): HubRequest {
  const { actor, ...rest } = parsed;
  return {
    ...rest,
    ip: ctx.ip,
    userAgent: ctx.get('user-agent').slice(0, 200),
    get actor(): Actor {
      if (!actor) throw new Error('a public call asked who calls');
      return actor;
    },
    cookie: (name) => ctx.cookies.get(name),
    setCookie: (name, value, maxAgeSec) =>
      ctx.cookies.set(name, value === '' ? null : value, {
        httpOnly: true,
        sameSite: 'strict',
        secure: ctx.secure || (hub.config.PUBLIC_URL?.startsWith('https:') ?? false),
        path: `${API}/auth`,
        maxAge: maxAgeSec * 1000,
        overwrite: true,
      }),
  };
}

function answer(ctx: Context, { endpoint, path }: Route, data: unknown, query: unknown): void {
  ctx.status = endpoint.status;
  switch (endpoint.kind) {
    case 'none':
      ctx.body = null;
      ctx.status = 204;
      return;
    case 'document':
      ctx.body = data;
      return;
    case 'list': {
      const { items, nextCursor, ...rest } = data as Page<unknown>;
      const { limit } = query as { limit: number };
      ctx.body = { data: items, page: { nextCursor, limit }, ...rest };
      return;
    }
    case 'one': {
      ctx.body = { data };
      const { id, version } = data as { id?: unknown; version?: unknown };
      if (typeof version === 'number') ctx.set('ETag', `"${version}"`);
      if (endpoint.status === 201 || endpoint.status === 202) ctx.set('Location', `${API}${path}/${String(id)}`);
    }
  }
}
