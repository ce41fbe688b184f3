import { timingSafeEqual } from 'node:crypto';
import type { Context, Middleware, Next } from 'koa';
import { NotFound } from '../errors';
import type { Hub } from '../hub';

const CHECK_MS = 1_500;

/** `/health/live`: the process answers. `/health/ready`: it can also do its work. */
export function health(hub: Hub): Middleware {
  return async (ctx: Context, next: Next) => {
    if (ctx.path === '/health/live') {
      ctx.body = { status: 'live', node: hub.config.NODE_NAME };
      return;
    }
    if (ctx.path !== '/health/ready') return next();
    const checks = {
      database: await answers(hub.sequelize.query('SELECT 1')),
      redis: await answers(hub.redis.ping()),
      accepting: !hub.shutdown.isUnderWay && !hub.load.isOverloaded,
    };
    const ready = Object.values(checks).every(Boolean);
    ctx.status = ready ? 200 : 503;
    ctx.body = { status: ready ? 'ready' : 'not ready', node: hub.config.NODE_NAME, checks };
  };
}

async function answers(question: Promise<unknown>): Promise<boolean> {
  let late: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    late = setTimeout(() => resolve(false), CHECK_MS);
  });
  const answered = question.then(
    () => true,
    () => false,
  );
  return Promise.race([answered, patience]).finally(() => clearTimeout(late));
}

/** Prometheus text, for this machine or the bearer of the token; to everybody else the page does not exist. */
export function metrics(hub: Hub): Middleware {
  return async (ctx: Context, next: Next) => {
    if (ctx.path !== '/metrics') return next();
    if (!mayRead(hub, ctx)) throw new NotFound('This page');
    ctx.type = hub.metrics.registry.contentType;
    ctx.body = await hub.metrics.text();
  };
}

function mayRead(hub: Hub, ctx: Context): boolean {
  const { METRICS_TOKEN: token } = hub.config;
  if (token === undefined)
    return /^(::1|(::ffff:)?127\.)/.test(ctx.req.socket.remoteAddress ?? '') && !ctx.get('x-forwarded-for');
  const given = Buffer.from(ctx.get('authorization'));
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
