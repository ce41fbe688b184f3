import type { Permission } from '@loro/contracts/catalog';
import type { Endpoint } from '@loro/contracts/kit/api';
import { Id } from '@loro/contracts/kit/values';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Actor } from '../actor';
import type { Caller } from '../context';
import type { AccessToken } from '../auth/ports';
import type { Page } from '../db/pages';
import { Forbidden, HubError, Invalid, parse, Unauthenticated } from '../errors';
import type { Hub } from '../hub';
import { readBody } from './body';
import type { ApiLimits } from './limits';
import { isOurs, mustWelcome } from './origins';
import type { Feed, HubRequest, Route } from './routes';
import { type ReceivedFile, receiveUpload } from './uploads';

export const API = '/api/v1';
const KEY = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;

/** Every room's REST table under `/api/v1`. */
export function apiRouter(hub: Hub, limits: ApiLimits): Router {
  // `/users/me` must win over `/users/:userId`, whatever the order of the table.
  const router = new Router({ prefix: API, exclusive: 'specificity' });
  const mounts = hub.modules.flatMap((module) => module.routes?.(hub.use(module)) ?? []);
  for (const route of mounts)
    router.register(route.path, [route.endpoint.method], (ctx) => serve(hub, limits, route, ctx));
  return router;
}

async function serve(hub: Hub, limits: ApiLimits, route: Route, ctx: Context): Promise<void> {
  const { endpoint } = route;
  const who = 'permission' in endpoint.access ? await authenticate(hub, ctx) : null;
  const actor = who?.actor ?? null;
  if (who && actor) {
    limits.take(actor);
    // The boot has checked that the permission is registered.
    const permission = 'permission' in endpoint.access ? (endpoint.access.permission as Permission) : undefined;
    await hub.ports.admit(actor, who.token, endpoint.demands, permission);
    if (actor.kind === 'service') await hub.ports.quota(actor);
    noteLicense(hub, ctx, actor.orgId);
  } else limits.takeAddress(ctx.ip);

  const params = parseParams(endpoint, (ctx['params'] ?? {}) as Record<string, string>);
  const query = endpoint.query ? parse(endpoint.query, { ...ctx.query }, 'BAD_QUERY') : undefined;
  const ifMatch = ifMatchOf(endpoint, ctx);
  if (endpoint.multipart) {
    // Before anything begins: a slow sender must not keep a transaction open.
    const received = await receiveUpload(ctx.req, endpoint.maxBytes);
    try {
      const body = endpoint.body ? parse(endpoint.body, received.fields) : undefined;
      await run(hub, ctx, route, { who, params, query, body, ifMatch, file: received.file });
    } finally {
      await received.discard();
    }
    return;
  }
  const raw = endpoint.method === 'GET' ? undefined : await readBody(ctx, endpoint.maxBytes);
  const body = endpoint.body ? parse(endpoint.body, raw?.value ?? {}) : undefined;
  await run(hub, ctx, route, { who, params, query, body, ifMatch, rawBody: raw?.text ?? '' });
}

async function run(hub: Hub, ctx: Context, route: Route, parsed: Parsed): Promise<void> {
  const { who, params, query, body, file } = parsed;
  const request = requestOf(hub, ctx, parsed);

  const key = ctx.get('idempotency-key');
  if (route.endpoint.method === 'POST' && key !== '' && who) {
    if (!KEY.test(key))
      throw new Invalid('VALIDATION_FAILED', 'The Idempotency-Key is not a ULID.', {
        errors: [{ path: 'Idempotency-Key', code: 'invalid_format', message: 'is not a ULID' }],
      });
    const input = { ...params, ...(body as object | undefined), ...(file && { file: file.sha256 }) };
    const command = { actor: who.actor, id: key.toUpperCase(), input };
    const { data, replayed } = await hub.commands.once(command, () => route.handle(request));
    if (replayed) ctx.set('Idempotent-Replay', 'true');
    return answer(ctx, route, data, query);
  }
  return answer(ctx, route, await route.handle(request), query);
}

interface Parsed {
  readonly who: Who | null;
  readonly params: Record<string, string>;
  readonly query: unknown;
  readonly body: unknown;
  readonly ifMatch: number;
  readonly rawBody?: string;
  readonly file?: ReceivedFile;
}

interface Who {
  readonly actor: Actor;
  readonly token: AccessToken;
}

async function authenticate(hub: Hub, ctx: Context): Promise<Who> {
  const [scheme, token] = ctx.get('authorization').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw new Unauthenticated('UNAUTHENTICATED', 'Please sign in.');
  const who = await hub.authenticator.authenticate(token, ctx.ip);
  (ctx.state['caller'] as Caller).actor = who.actor;
  const origin = ctx.get('origin');
  // A page that nobody lets in cannot read the answer; one that another organisation lets in could.
  if (!isOurs(hub.config.CORS_ORIGINS, { origin, host: ctx.host }) && (await hub.ports.allowsOrigin(origin, null)))
    await mustWelcome(hub.ports, origin, who.actor.orgId);
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

function requestOf(hub: Hub, ctx: Context, { who, file, rawBody = '', ...rest }: Parsed): HubRequest {
  const known = (): Who => {
    if (!who) throw new Error('a public call asked who calls');
    return who;
  };
  return {
    ...rest,
    ip: ctx.ip,
    userAgent: ctx.get('user-agent').slice(0, 200),
    header: (name) => ctx.get(name),
    rawBody,
    range: ctx.get('range') || undefined,
    isHead: ctx.method === 'HEAD',
    get file(): ReceivedFile {
      if (!file) throw new Error('a call without a file asked for one');
      return file;
    },
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
    cookie: (name) => {
      mustBeOurs(hub, ctx);
      return ctx.cookies.get(name);
    },
    setCookie: (name, value, maxAgeSec) =>
      ctx.cookies.set(name, value === '' ? null : value, {
        httpOnly: true,
        sameSite: 'strict',
        secure: ctx.secure || (hub.config.PUBLIC_URL?.startsWith('https:') ?? false),
        path: `${API}/auth`,
        maxAge: maxAgeSec * 1000,
        overwrite: true,
      }),
    noteLicense: (orgId) => noteLicense(hub, ctx, orgId),
  };
}

function noteLicense({ ports }: Hub, ctx: Context, orgId: string): void {
  const notice = ports.licenseNotice(orgId);
  if (notice !== undefined) ctx.set('X-License-State', notice);
}

/** A page of another host must not act with what its visitor's browser keeps for us. */
function mustBeOurs({ config }: Hub, ctx: Context): void {
  if (isOurs(config.CORS_ORIGINS, { origin: ctx.get('origin'), host: ctx.host })) return;
  throw new Forbidden('ORIGIN_NOT_ALLOWED', 'Pages of other hosts may not use the cookies of this one.');
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
      if ((endpoint.status === 201 || endpoint.status === 202) && typeof id === 'string')
        ctx.set('Location', `${API}${path}/${id}`);
    }
  }
}

function answerFeed(ctx: Context, { status, headers, type, body }: Feed): void {
  // Compressing collects, and a reader waits for every event.
  if (body instanceof Readable) ctx.compress = false;
  // Of 204 alone Koa makes an answer without a body; one that only has its headers asked for is not that.
  ctx.body = body ?? (status === 204 ? null : '');
  ctx.status = status;
  ctx.set({ ...headers });
  if (type !== undefined) ctx.type = type;
  if (status === 200 && has(ctx.get('if-none-match'), headers['ETag'])) {
    if (body instanceof Readable) body.destroy();
    ctx.body = null;
    ctx.status = 304;
  }
}

// Koa's own question would not spare callers the body who also say `no-cache`, as `fetch` does by itself.
const has = (known: string, tag: string | undefined): boolean =>
  tag !== undefined && known.split(',').some((entry) => entry.trim().replace(/^W\//, '') === tag);
