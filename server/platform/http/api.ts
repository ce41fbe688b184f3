import type { Permission } from '@loro/contracts/catalog';
import type { Endpoint } from '@loro/contracts/kit/api';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Caller } from '../context';
import type { Page } from '../db/pages';
import { HubError, Invalid, NotFound, parse, Unauthenticated } from '../errors';
import type { Hub } from '../hub';
import { readBody } from './body';
import type { ApiLimits } from './limits';
import { isOurs, mustWelcome } from './origins';
import { API, ApiRequest, noteLicense, type Parsed, type Who } from './request';
import type { Feed, Route } from './routes';
import { receiveUpload } from './uploads';

const BEARER = /^bearer (\S+)/i;
const KEY = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;

/** What a parameter without a schema of its own is: a ULID, as `Id` of the contracts reads it. */
const ULID = /^[\da-hjkmnp-tv-z]{26}$/i;

/**
 * Every room's REST table under `/api/v1`. Paths that begin with the same word share a router: one router for all tried
 * the patterns of several hundred rows for each call.
 */
export function restApi(hub: Hub, limits: ApiLimits): Middleware {
  const routers = new Map<string, Router>();
  const rows = hub.modules.flatMap((module) => module.routes?.(hub.use(module)) ?? []);
  // Of equals the first wins: `/:id.ics` must come before `/:id`, which would take the ending for a part of the id.
  for (const route of [...rows.filter(hasEnding), ...rows.filter((row) => !hasEnding(row))]) {
    const word = wordOf(route.path);
    // `/users/me` must win over `/users/:userId`, whatever the order of the table.
    const router = routers.get(word) ?? new Router({ prefix: API, exclusive: 'specificity' });
    routers.set(word, router);
    router.register(route.path, [route.endpoint.method], (ctx) => {
      ctx['route'] = API + route.path;
      return serve(hub, limits, { route, params: ctx.params, ctx });
    });
  }
  const handlers = new Map([...routers].map(([word, router]) => [word, router.routes()]));

  return (ctx, next) => {
    const { path, method } = ctx;
    if (!path.startsWith(`${API}/`)) return next();
    const word = wordOf(path.slice(API.length));
    const unanswered = () => {
      const isKnown = (routers.get(word)?.match(path, method).path.length ?? 0) > 0;
      if (isKnown) throw new HubError('METHOD_NOT_ALLOWED', `${method} is not a method of this path.`);
      throw new NotFound('This path');
    };
    // The router knows its own kind of context, which is this one.
    return (
      handlers.get(word)?.(ctx as Parameters<ReturnType<Router['routes']>>[0], async () => unanswered()) ?? unanswered()
    );
  };
}

const hasEnding = ({ path }: Route): boolean => /:\w+\.\w+$/.test(path);

/** The first word of a path below the API, in lower case. */
const wordOf = (path: string): string => (path.split('/', 2)[1] ?? '').toLowerCase();

interface Call {
  readonly route: Route;
  readonly params: Record<string, string | undefined>;
  readonly ctx: Context;
}

async function serve(hub: Hub, limits: ApiLimits, { route, params: given, ctx }: Call): Promise<void> {
  const { endpoint } = route;
  if (endpoint.always) ctx.set({ ...endpoint.always });
  const who = 'permission' in endpoint.access ? await authenticate(hub, ctx) : null;
  const actor = who?.actor ?? null;
  if (who && actor) {
    limits.take(actor);
    // The boot has checked that the permission is registered.
    const permission = 'permission' in endpoint.access ? (endpoint.access.permission as Permission) : undefined;
    const admitted = hub.ports.admit(actor, who.token, endpoint.demands, permission);
    if (admitted) await admitted;
    if (actor.kind === 'service') await hub.ports.quota(actor);
    noteLicense(hub, ctx, actor.orgId);
  } else limits.takeAddress(ctx.ip);

  const params = parseParams(endpoint, given);
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
  if (endpoint.bytes !== undefined) {
    await run(hub, ctx, route, { who, params, query, body: undefined, ifMatch, bytes: ctx.req });
    return;
  }
  const raw = endpoint.method === 'GET' ? undefined : await readBody(ctx, endpoint.maxBytes);
  const body = endpoint.body ? parse(endpoint.body, raw?.value ?? {}) : undefined;
  await run(hub, ctx, route, { who, params, query, body, ifMatch, rawBody: raw?.text ?? '' });
}

async function run(hub: Hub, ctx: Context, route: Route, parsed: Parsed): Promise<void> {
  const { who, params, query, body, file } = parsed;
  const request = new ApiRequest(hub, ctx, parsed);

  const key = route.endpoint.method === 'POST' ? ctx.get('idempotency-key') : '';
  if (key !== '' && who) {
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

async function authenticate(hub: Hub, ctx: Context): Promise<Who> {
  const [, token] = BEARER.exec(ctx.req.headers.authorization ?? '') ?? [];
  if (token === undefined) throw new Unauthenticated('UNAUTHENTICATED', 'Please sign in.');
  const who = await hub.authenticator.authenticate(token, ctx.ip);
  (ctx.state['caller'] as Caller).actor = who.actor;
  const { origin } = ctx.req.headers;
  if (origin === undefined) return who;
  // A page that nobody lets in cannot read the answer; one that another organisation lets in could.
  if (!isOurs(hub.config.CORS_ORIGINS, { origin, host: ctx.host }) && (await hub.ports.allowsOrigin(origin, null)))
    await mustWelcome(hub.ports, origin, who.actor.orgId);
  return who;
}

function parseParams(endpoint: Endpoint, params: Call['params']): Record<string, string> {
  if (!endpoint.params) {
    for (const name in params) if (!ULID.test(params[name] ?? '')) throw nothingThere();
    return params as Record<string, string>;
  }
  const result = endpoint.params.safeParse(params);
  if (!result.success) throw nothingThere();
  return result.data;
}

// An id that cannot exist is a thing that does not exist.
const nothingThere = () => new HubError('NOT_FOUND', 'This does not exist.');

function ifMatchOf(endpoint: Endpoint, ctx: Context): number {
  if (!endpoint.versioned) return Number.NaN;
  const header = ctx.get('if-match');
  if (header === '') throw new HubError('PRECONDITION_REQUIRED', 'Send the version you read, in If-Match.');
  const version = Number(header.replace(/^W\//, '').replaceAll('"', ''));
  if (!Number.isInteger(version)) throw new HubError('VERSION_CONFLICT', 'If-Match holds no version of this hub.');
  return version;
}

function answer(ctx: Context, { endpoint, path }: Route, data: unknown, query: unknown): void {
  ctx.status = endpoint.status;
  switch (endpoint.kind) {
    case 'none':
      ctx.body = null;
      ctx.status = 204;
      return;
    case 'document':
      answerJson(ctx, data);
      return;
    case 'feed':
      answerFeed(ctx, data as Feed);
      return;
    case 'list': {
      const { items, nextCursor, ...rest } = data as Page<unknown>;
      const { limit } = query as { limit: number };
      answerJson(ctx, { data: items, page: { nextCursor, limit }, ...rest });
      return;
    }
    case 'one': {
      answerJson(ctx, { data });
      const { id, version } = data as { id?: unknown; version?: unknown };
      if (typeof version === 'number') ctx.set('ETag', `"${version}"`);
      if ((endpoint.status === 201 || endpoint.status === 202) && typeof id === 'string')
        ctx.set('Location', `${API}${endpoint.location ?? path}/${id}`);
    }
  }
}

/** As text: Koa would make the JSON of an object twice, once to measure it. */
function answerJson(ctx: Context, value: unknown): void {
  ctx.res.setHeader('Content-Type', 'application/json; charset=utf-8');
  ctx.body = JSON.stringify(value);
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
