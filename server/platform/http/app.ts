import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import cors from '@koa/cors';
import Koa, { type Context, type Middleware, type Next } from 'koa';
import compress from 'koa-compress';
import type { Caller } from '../context';
import { NotFound, toProblem } from '../errors';
import type { Hub } from '../hub';
import { traced } from '../observe/trace';
import type { Answered } from '../observe/witness';
import { restApi } from './api';
import { API } from './request';
import { ApiLimits } from './limits';
import { caughtMailPages } from './caught-mails';
import { health, metrics } from './operations';
import { docs, pages } from './pages';
import { securityHeaders } from './security-headers';

const FEED_HEADERS = ['Stream-Next-Offset', 'Stream-Up-To-Date', 'Stream-Cursor'];
const UPLOAD_HEADERS = ['Tus-Resumable', 'Tus-Version', 'Upload-Offset', 'Upload-Length', 'Upload-Expires'];
/** Shorter answers are sent as they are: they would not leave in fewer packets. */
const COMPRESS_FROM = 2_048;
const REQUEST_ID = /^[\w-]{1,64}$/;

/** The hub's HTTP side. `dashboard` is the folder of the built pages. */
export function createApp(hub: Hub, dashboard: string): Koa {
  const app = new Koa();
  app.proxy = hub.config.TRUST_PROXY;
  // Of a list of addresses the last one was added by the proxy; a caller may write whatever stands before it.
  app.maxIpsCount = 1;
  app.silent = true;
  app.use((ctx, next) => {
    const caller = callerOf(ctx);
    const work = {
      name: `request ${ctx.method}`,
      kind: 'request',
      parent: ctx.req.headers['traceparent'],
      caller,
    } as const;
    return traced(work, async (span) => {
      await guard(hub, ctx, next, caller);
      span.setAttributes({
        'http.request.method': ctx.method,
        'http.route': routeOf(ctx),
        'http.response.status_code': ctx.status,
      });
    });
  });
  app.use(securityHeaders(hub.config));
  app.use(
    crossOrigin(
      cors({
        // Who asks ahead does not say for whom; whose page it is, is looked at when the call itself comes.
        origin: async (ctx) => {
          const origin = ctx.get('origin');
          const isListed = hub.config.CORS_ORIGINS.includes(origin) || (await hub.ports.allowsOrigin(origin, null));
          return isListed ? origin : '';
        },
        credentials: true,
        exposeHeaders: [
          'ETag',
          'Location',
          'Idempotent-Replay',
          'Retry-After',
          'X-Request-Id',
          ...FEED_HEADERS,
          ...UPLOAD_HEADERS,
        ],
        maxAge: 600,
      }),
    ),
  );
  app.use(squeezed(compress({ threshold: COMPRESS_FROM, br: { params: { 1: 4 } } })));
  const limits = new ApiLimits(hub.config);
  hub.shutdown.add('limits', () => limits.stop());
  // Ahead of the pages: nearly every request is one of these.
  app.use(restApi(hub, limits));
  app.use(health(hub));
  app.use(metrics(hub));
  app.use(docs(hub));
  if (hub.config.MAIL_CAUGHT !== undefined) app.use(caughtMailPages(hub.config.MAIL_CAUGHT));
  if (existsSync(dashboard)) app.use(pages(dashboard));
  app.use(() => {
    throw new NotFound('This page');
  });
  return app;
}

/** Whoever says no origin is no page, and is told no more than that the answer depends on it. */
const crossOrigin =
  (headers: Middleware): Middleware =>
  (ctx, next) => {
    if (ctx.req.headers.origin !== undefined) return headers(ctx, next);
    ctx.res.setHeader('Vary', 'Accept-Encoding, Origin');
    return next();
  };

const squeezed =
  (squeeze: Middleware): Middleware =>
  async (ctx, next) => {
    await next();
    if (typeof ctx.body === 'string' && ctx.body.length < COMPRESS_FROM / 4) return;
    await squeeze(ctx, nothing);
  };
const nothing = async () => {};

function callerOf({ req: { headers }, ip }: Context): Caller {
  const asked = headers['x-request-id'];
  const requestId = typeof asked === 'string' && REQUEST_ID.test(asked) ? asked : randomUUID();
  return { requestId, ip, userAgent: (headers['user-agent'] ?? '').slice(0, 200) };
}

/** Names each request, turns whatever is thrown into a problem, writes the one log line, and keeps the time. */
async function guard(hub: Hub, ctx: Context, next: Next, caller: Caller): Promise<void> {
  const started = performance.now();
  const { requestId } = caller;
  ctx.state['caller'] = caller;
  ctx.set('X-Request-Id', requestId);
  try {
    await next();
    // A connection kept alive would hold up the end of the node.
    if (hub.shutdown.isUnderWay) ctx.set('Connection', 'close');
  } catch (error) {
    const problem = toProblem(error, ctx.path, requestId);
    if (problem.status >= 500) hub.witness.failed({ error, place: `${ctx.method} ${routeOf(ctx)}`, caller });
    if (problem.status === 500)
      hub.log.error({ err: error, requestId, method: ctx.method, path: ctx.path }, 'request failed');
    ctx.status = problem.status;
    ctx.body = JSON.stringify(problem);
    ctx.type = 'application/problem+json';
    if (problem.retryAfterMs !== undefined) ctx.set('Retry-After', String(Math.ceil(problem.retryAfterMs / 1000)));
    if (problem.status === 413) ctx.set('Connection', 'close');
  }
  const seconds = (performance.now() - started) / 1000;
  hub.metrics.observeRequest(ctx.method, routeOf(ctx), ctx.status, seconds);
  if (ctx.path.startsWith(API)) ctx.res.once('close', () => hub.tellAnswered(answeredOf(ctx, caller, seconds * 1000)));
  if (hub.log.isLevelEnabled('debug') && ctx.path.startsWith(API)) {
    hub.log.debug(
      {
        requestId,
        method: ctx.method,
        path: ctx.path,
        status: ctx.status,
        ms: Math.round(seconds * 1000),
        actorId: caller.actor?.userId,
      },
      'answered',
    );
  }
}

/** Read once it was sent: only then is the length of the answer known without making it twice. */
const answeredOf = (ctx: Context, caller: Caller, ms: number): Answered => ({
  method: ctx.method,
  route: routeOf(ctx),
  status: ctx.status,
  ms,
  bytes: Number(ctx.res.getHeader('content-length') ?? 0),
  caller,
});

const routeOf = (ctx: Context): string => (typeof ctx['route'] === 'string' ? ctx['route'] : 'other');
