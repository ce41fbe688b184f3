import type { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Actor } from '../actor';
import type { AccessToken } from '../auth/ports';
import { Forbidden } from '../errors';
import type { Hub } from '../hub';
import { isOurs } from './origins';
import type { HubRequest } from './routes';
import type { ReceivedFile } from './uploads';

export const API = '/api/v1';

/** What was made of a request before its verb is called. */
export interface Parsed {
  readonly who: Who | null;
  readonly params: Record<string, string>;
  readonly query: unknown;
  readonly body: unknown;
  readonly ifMatch: number;
  readonly rawBody?: string;
  readonly file?: ReceivedFile;
  readonly bytes?: Readable;
}

export interface Who {
  readonly actor: Actor;
  readonly token: AccessToken;
}

/** A request as verbs see it; most of it is read by few of them, so it is made when it is read. */
export class ApiRequest implements HubRequest {
  readonly params: Record<string, string>;
  readonly query: unknown;
  readonly body: unknown;
  readonly ifMatch: number;

  constructor(
    private readonly hub: Hub,
    private readonly ctx: Context,
    private readonly parsed: Parsed,
  ) {
    this.params = parsed.params;
    this.query = parsed.query;
    this.body = parsed.body;
    this.ifMatch = parsed.ifMatch;
  }

  get actor(): Actor {
    return this.who.actor;
  }

  get token(): AccessToken {
    return this.who.token;
  }

  get ip(): string {
    return this.ctx.ip;
  }

  get userAgent(): string {
    return this.ctx.get('user-agent').slice(0, 200);
  }

  get rawBody(): string {
    return this.parsed.rawBody ?? '';
  }

  get range(): string | undefined {
    return this.ctx.get('range') || undefined;
  }

  get isHead(): boolean {
    return this.ctx.method === 'HEAD';
  }

  get file(): ReceivedFile {
    if (!this.parsed.file) throw new Error('a call without a file asked for one');
    return this.parsed.file;
  }

  get bytes(): Readable {
    if (!this.parsed.bytes) throw new Error('a call without bytes asked for them');
    return this.parsed.bytes;
  }

  get closed(): AbortSignal {
    const { res } = this.ctx;
    const controller = new AbortController();
    if (res.closed) controller.abort();
    else res.once('close', () => controller.abort());
    return controller.signal;
  }

  private get who(): Who {
    if (!this.parsed.who) throw new Error('a public call asked who calls');
    return this.parsed.who;
  }

  header(name: string): string {
    return this.ctx.get(name);
  }

  cookie(name: string): string | undefined {
    mustBeOurs(this.hub, this.ctx);
    return this.ctx.cookies.get(name);
  }

  setCookie(name: string, value: string, maxAgeSec: number): void {
    this.ctx.cookies.set(name, value === '' ? null : value, {
      httpOnly: true,
      sameSite: 'strict',
      secure: this.ctx.secure || (this.hub.config.PUBLIC_URL?.startsWith('https:') ?? false),
      path: `${API}/auth`,
      maxAge: maxAgeSec * 1000,
      overwrite: true,
    });
  }

  noteLicense(orgId: string): void {
    noteLicense(this.hub, this.ctx, orgId);
  }
}

export function noteLicense({ ports }: Hub, ctx: Context, orgId: string): void {
  const notice = ports.licenseNotice(orgId);
  if (notice !== undefined) ctx.set('X-License-State', notice);
}

/** A page of another host must not act with what its visitor's browser keeps for us. */
function mustBeOurs({ config }: Hub, ctx: Context): void {
  if (isOurs(config.CORS_ORIGINS, { origin: ctx.get('origin'), host: ctx.host })) return;
  throw new Forbidden('ORIGIN_NOT_ALLOWED', 'Pages of other hosts may not use the cookies of this one.');
}
