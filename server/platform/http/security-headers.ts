import type { Context, Middleware, Next } from 'koa';
import type { Config } from '../config';

/**
 * What browsers are told about every answer (OWASP's secure headers). The same for all of them, so they are made once;
 * a middleware of a library makes them again for each request.
 */
export function securityHeaders({ MAP_STYLE_URL: mapStyle, PUBLIC_URL: publicUrl }: Config): Middleware {
  const style = mapStyle === undefined ? '' : ` ${new URL(mapStyle).origin}`;
  const policy = [
    "default-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
    "object-src 'none'",
    "script-src-attr 'none'",
    // MapLibre makes its workers from blobs, and writes styles into elements.
    "worker-src 'self' blob:",
    "child-src 'self' blob:",
    `img-src 'self' data: blob:${style}`,
    `connect-src 'self' ws: wss:${style}`,
    "style-src 'self' 'unsafe-inline'",
  ];
  const headers = {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Origin-Agent-Cluster': '?1',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-DNS-Prefetch-Control': 'off',
    'X-Frame-Options': 'SAMEORIGIN',
    'X-Permitted-Cross-Domain-Policies': 'none',
    // Over plain http in a local network this would lock people out of their own hub.
    ...(publicUrl?.startsWith('https:') && { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }),
  };
  const pairs = Object.entries(headers);
  return (ctx: Context, next: Next) => {
    for (const [name, value] of pairs) ctx.res.setHeader(name, value);
    return next();
  };
}
