import type { Context, Middleware, Next } from 'koa';
import send from 'koa-send';
import type { Hub } from '../hub';
import { docsRoutes } from '../docs';
import { version } from '../version';

const YEAR_MS = 365 * 86_400_000;

/** The documents made from the contracts, under `/docs`. */
export function docs(hub: Hub): Middleware {
  const { PUBLIC_URL: publicUrl, PORT: port } = hub.config;
  const routes = docsRoutes({ version, serverUrl: publicUrl ?? `http://localhost:${port}` });
  return async (ctx: Context, next: Next) => {
    const page = routes.get(ctx.path)?.();
    if (!page) return next();
    ctx.type = page.type;
    ctx.body = page.body;
  };
}

/** The built dashboard: hashed assets for ever, the page itself never, and the page for every path of its own. */
export function pages(folder: string): Middleware {
  return async (ctx: Context, next: Next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    const isAsset = ctx.path.startsWith('/assets/');
    const isFile = /\.[a-z0-9]{2,11}$/i.test(ctx.path);
    try {
      await send(ctx, isFile ? ctx.path : '/index.html', {
        root: folder,
        maxAge: isAsset ? YEAR_MS : 0,
        immutable: isAsset,
      });
    } catch (error) {
      if (error instanceof Error && 'status' in error && (error.status === 404 || error.status === 400)) return next();
      throw error;
    }
  };
}
