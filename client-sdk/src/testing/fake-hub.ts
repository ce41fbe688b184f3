import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Meta } from '@loro/contracts/kit/live';
import { type Namespace, Server, type Socket } from 'socket.io';

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

type Event = readonly [name: string, data: unknown, meta: Meta];
interface Log {
  epoch: string;
  readonly events: Event[];
}

export const problem = (status: number, code: string, more: object = {}) => ({
  type: 'about:blank',
  title: code,
  status,
  detail: code,
  instance: '',
  code,
  requestId: 'r',
  ...more,
});

/** The hub's side of the wire, small enough to be made to misbehave: cuts, gaps, reorders, refusals. */
export class FakeHub {
  readonly requests: Seen[] = [];
  readonly handshakes: { namespace: string; auth: Record<string, unknown>; connection: string }[] = [];
  readonly subscribes: { streams: { stream: string; after?: { epoch: string; n: number } }[] }[] = [];
  readonly unsubscribes: string[] = [];
  readonly refreshes: { namespace: string; token: string }[] = [];
  readonly logs = new Map<string, Log>();
  readonly latest = new Map<string, Event[]>();
  /** The streams that a namespace joins by itself. */
  readonly auto = new Map<string, string[]>();
  readonly routes = new Map<string, (seen: Seen) => Answer | Promise<Answer>>();
  readonly calls = new Map<string, (input: unknown, options: { id?: string } | undefined) => unknown>();
  /** How far the hub's clock is ahead of ours. */
  clockOffsetMs = 0;
  refuse: (auth: Record<string, unknown>, namespace: string) => object | null = () => null;
  /** Called before a subscribe is answered. */
  beforeAnswer: () => void | Promise<void> = () => {};
  denied = new Map<string, object>();
  pageSize = 300;
  tokenLifeMs = 900_000;
  sayReady = true;
  token = 'access-1';
  refreshToken = 'refresh-1';
  sessionId = 'S';
  private issued = 1;
  private readonly http: HttpServer;
  readonly io: Server;

  private constructor() {
    this.http = createServer((request, response) => {
      void this.serve(request).then(({ status = 200, body, headers = {} }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        return response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
    this.io = new Server(this.http, { transports: ['websocket'], connectTimeout: 10_000 });
    for (const name of ['/check-ins', '/tracking', '/notifications', '/reports']) this.open(this.io.of(name));
    this.routes.set('POST /auth/login', () => ({ body: { data: this.issue() } }));
    this.routes.set('POST /auth/refresh', ({ body }) =>
      body['refreshToken'] === this.refreshToken
        ? { body: { data: this.issue() } }
        : { status: 401, body: problem(401, 'REFRESH_INVALID') },
    );
    this.routes.set('POST /auth/logout', () => ({ status: 204 }));
    this.routes.set('GET /auth/me', () => ({ body: { data: { user: { id: 'USER' }, organisation: { id: 'ORG' } } } }));
  }

  static async start(): Promise<FakeHub> {
    const hub = new FakeHub();
    await new Promise<void>((resolve) => hub.http.listen(0, '127.0.0.1', resolve));
    return hub;
  }

  get url(): string {
    // Listening on a port, it has an address of this kind.
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.io.close();
    this.http.closeAllConnections();
  }

  connections(): number {
    return this.io.engine.clientsCount;
  }

  /** Ends every connection without a word, as a broken line does. */
  cut(): void {
    for (const socket of this.sockets()) socket.conn.close();
  }

  sockets(): Socket[] {
    return [...this.io._nsps.values()].flatMap((nsp) => [...nsp.sockets.values()]);
  }

  say(event: string, payload: object): void {
    for (const socket of this.sockets()) socket.emit(event, payload);
  }

  log(stream: string): Log {
    const log = this.logs.get(stream) ?? { epoch: 'E1', events: [] };
    this.logs.set(stream, log);
    return log;
  }

  /** Writes an event to a stream's log without sending it. */
  write(stream: string, name: string, data: unknown): Event {
    const log = this.log(stream);
    const n = log.events.length + 1;
    const event = [name, data, { stream, at: new Date().toISOString(), id: `${n}`, epoch: log.epoch, n }] as const;
    log.events.push(event);
    return event;
  }

  send([name, data, meta]: Event): void {
    for (const nsp of this.io._nsps.values()) nsp.to(meta.stream).emit(name, data, meta);
  }

  publish(stream: string, name: string, data: unknown): void {
    this.send(this.write(stream, name, data));
  }

  issue(): object {
    const number = this.issued++;
    this.token = `access-${number}`;
    this.refreshToken = `refresh-${number}`;
    const expiresAt = new Date(Date.now() + this.tokenLifeMs).toISOString();
    return {
      status: 'signed-in',
      accessToken: this.token,
      refreshToken: this.refreshToken,
      expiresAt,
      sessionId: this.sessionId,
    };
  }

  private async serve(request: IncomingMessage): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://hub');
    const path = pathname.replace('/api/v1', '');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { method = 'GET', headers } = request;
    const seen = { method, path, query: searchParams, headers, body: text === '' ? {} : JSON.parse(text) };
    this.requests.push(seen);
    const route = this.routes.get(`${method} ${path}`);
    return route ? route(seen) : { status: 404, body: problem(404, 'NOT_FOUND') };
  }

  private open(nsp: Namespace): void {
    nsp.use((socket, next) => {
      const { auth } = socket.handshake;
      this.handshakes.push({ namespace: nsp.name, auth, connection: Reflect.get(socket.conn, 'id') });
      const refusal = this.refuse(auth, nsp.name);
      next(refusal ? Object.assign(new Error('refused'), { data: refusal }) : undefined);
    });
    nsp.on('connection', (socket) => void this.welcome(nsp, socket));
  }

  private async welcome(nsp: Namespace, socket: Socket): Promise<void> {
    socket.use(([name, ...args]) => void this.answer(nsp, socket, name, args));
    const streams = this.auto.get(nsp.name) ?? [];
    await socket.join(streams);
    const now = new Date(Date.now() + this.clockOffsetMs);
    const rows = streams.map((stream) => ({ stream, class: 'log', ...this.head(stream) }));
    if (!this.sayReady) return;
    socket.emit('session:ready', {
      protocol: 1,
      node: 'fake',
      now: now.toISOString(),
      streams: rows,
      expiresAt: new Date(now.getTime() + this.tokenLifeMs).toISOString(),
      limits: { maxPacketBytes: 65_536, callsPerSecond: 20, burst: 40 },
    });
  }

  private async answer(nsp: Namespace, socket: Socket, name: string, args: unknown[]): Promise<void> {
    // The last argument of a call is its ack; what comes before has the shapes that the SDK sends.
    const ack = args.at(-1) as (reply: object) => void;
    const [input, options] = args as [never, { id?: string } | undefined];
    const reply = (data: unknown): void => ack({ ok: true, data });
    if (name === 'stream:subscribe') {
      this.subscribes.push(input);
      const { streams } = input as FakeHub['subscribes'][number];
      for (const { stream } of streams) if (!this.denied.has(stream)) await socket.join(stream);
      await this.beforeAnswer();
      return reply({ streams: streams.map((row) => this.resume(row)) });
    }
    if (name === 'stream:unsubscribe') {
      const { streams } = input as { streams: string[] };
      this.unsubscribes.push(...streams);
      for (const stream of streams) await socket.leave(stream);
      return reply({ streams });
    }
    if (name === 'session:refresh') {
      this.refreshes.push({ namespace: nsp.name, token: (input as { token: string }).token });
      return reply({ expiresAt: new Date(Date.now() + this.tokenLifeMs).toISOString(), lost: [] });
    }
    try {
      const answer = await this.calls.get(name)?.(input, typeof options === 'function' ? undefined : options);
      if (answer !== 'never') reply(answer);
    } catch (error) {
      ack({ ok: false, error });
    }
  }

  private head(stream: string): { epoch: string; n: number } {
    const { epoch, events } = this.log(stream);
    return { epoch, n: events.length };
  }

  private resume({ stream, after }: { stream: string; after?: { epoch: string; n: number } }): object {
    const error = this.denied.get(stream);
    if (error) return { stream, error };
    const latest = this.latest.get(stream);
    if (latest) return { stream, class: 'latest', events: latest };
    const { epoch, events } = this.log(stream);
    const head = { stream, class: 'log', ...this.head(stream) };
    if (!after) return { ...head, recovered: true, events: [], more: false };
    if (after.epoch !== epoch) return { ...head, recovered: false, reason: 'epoch', events: [], more: false };
    const missed = events.slice(after.n, after.n + this.pageSize);
    return { ...head, recovered: true, events: missed, more: after.n + missed.length < events.length };
  }
}

/** Waits for what is about to be true. */
export async function until(check: () => boolean, what = 'it', ms = 5_000): Promise<void> {
  for (const end = Date.now() + ms; !check();) {
    if (Date.now() > end) throw new Error(`${what} did not come true within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
