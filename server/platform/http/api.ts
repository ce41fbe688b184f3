import type { Permission } from '@loro/contracts/catalog';
import type { Endpoint } from '@loro/contracts/kit/api';
import { Id } from '@loro/contracts/kit/values';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Actor } from '../actor';
import type { Caller } from '../context';
import { type AccessToken, allow } from '../auth/ports';
import type { Page } from '../db/pages';
import { HubError, Invalid, parse, Unauthenticated } from '../errors';
import type { Hub } from '../hub';
import { readBody } from './body';
import type { ApiLimits } from './limits';
import type { Feed, HubRequest, Route } from './routes';

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
  const who = 'permission' in endpoint.access ? await authenticate(hub, ctx) : null;
  const actor = who?.actor ?? null;
  if (who && actor) {
    limits.take(actor);
    await hub.ports.admit(actor, who.token, endpoint.demands);
    // The boot has checked that the permission is registered.
    if ('permission' in endpoint.access) allow(actor, endpoint.access.permission as Permission);
  } else limits.takeAddress(ctx.ip);

  const params = parseParams(endpoint, (ctx['params'] ?? {}) as Record<string, string>);
  const query = endpoint.query ? parse(endpoint.query, { ...ctx.query }, 'BAD_QUERY') : undefined;
  const raw = endpoint.method === 'GET' ? undefined : await readBody(ctx);
  const body = endpoint.body ? parse(endpoint.body, raw ?? {}) : undefined;
  const request = requestOf(hub, ctx, { who, params, query, body, ifMatch: ifMatchOf(endpoint, ctx) });

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

interface Who {
  readonly actor: Actor;
  readonly token: AccessToken;
}

async function authenticate(hub: Hub, ctx: Context): Promise<Who> {
  const [scheme, token] = ctx.get('authorization').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw new Unauthenticated('UNAUTHENTICATED', 'Please sign in.');
  const who = await hub.authenticator.authenticate(token);
  (ctx.state['caller'] as Caller).actor = who.actor;
  return who;
}

function parseParams(endpoint: Endpoint, params: Record<string, string>): Record<string, string> {
  const result = (endpoint.params ?? z.record(z.string(), Id)).safeParse(params);
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
  parsed: { who: Who | null; params: unknown; query: unknown; body: unknown; ifMatch: number },
): HubRequest {
  const { who, ...rest } = parsed;
  const known = (): Who => {
    if (!who) throw new Error('a public call asked who calls');
    return who;
  };
  return {
    ...rest,
    ip: ctx.ip,
    userAgent: ctx.get('user-agent').slice(0, 200),
    isHead: ctx.method === 'HEAD',
    get closed(): AbortSignal {
      const controller = new AbortController();
      if (ctx.res.closed) controller.abort();
      else ctx.res.once('close', () => controller.abort());
      return controller.signal;
    },
    get actor(): Actor {
      return known().actor;
    },
    get token(): AccessToken {
      return known().token;
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
    case 'feed':
      answerFeed(ctx, data as Feed);
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

function answerFeed(ctx: Context, { status, headers, type, body }: Feed): void {
  ctx.status = status;
  ctx.set({ ...headers });
  if (type !== undefined) ctx.type = type;
  // Compressing collects, and a reader waits for every event.
  if (body instanceof Readable) ctx.compress = false;
  ctx.body = body ?? null;
  if (status === 200 && has(ctx.get('if-none-match'), headers['ETag'])) {
    ctx.body = null;
    ctx.status = 304;
  }
}

// Koa's own question would not spare callers the body who also say `no-cache`, as `fetch` does by itself.
const has = (known: string, tag: string | undefined): boolean =>
  tag !== undefined && known.split(',').some((entry) => entry.trim().replace(/^W\//, '') === tag);
