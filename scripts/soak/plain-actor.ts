import { CheckIn } from '@loro/contracts/check-ins';
import type { Meta } from '@loro/contracts/kit/live';
import { Problem } from '@loro/contracts/kit/problem';
import { Subscribed } from '@loro/contracts/kit/session';
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { type Actor, type Command, Refusal, type ReportWish, streamsOf, type Way } from './actor';
import { Inbox } from './inbox';
import type { Line } from './line';
import type { Person } from './world';

const PATIENCE_MS = 8_000;
const TRY_AGAIN_MS = 1_000;
const REQUEST_MS = 15_000;

const Data = z.object({ data: z.unknown() });
const Answer = z.union([
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: Problem }),
]);

type Packet = readonly [name: string, data: unknown, meta: Meta];

/** What somebody writes who has socket.io-client and the page about streams: a number a stream, and asking again. */
class Reader {
  private position: { epoch: string; n: number } | undefined;
  private asking = false;
  private askAgain = false;
  private waiting: Packet[] = [];
  isReady = false;

  constructor(
    private readonly stream: string,
    private readonly socket: Socket,
    private readonly inbox: Inbox,
  ) {}

  take(packet: Packet): void {
    const [, , { n = 0, id = '' }] = packet;
    if (this.asking) return void this.waiting.push(packet);
    if (!this.position || n <= this.position.n) return;
    if (n > this.position.n + 1) return void this.ask();
    this.position = { ...this.position, n };
    this.inbox.take(this.stream, n, id);
  }

  head(n: number): void {
    if (!this.asking && n > (this.position?.n ?? 0)) void this.ask();
  }

  async ask(): Promise<void> {
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    let isDone = false;
    while (!isDone && this.socket.connected) {
      this.askAgain = false;
      isDone = await this.askOnce();
    }
    this.asking = false;
    for (const packet of this.waiting.splice(0)) this.take(packet);
  }

  /** @returns whether nothing is left to ask for */
  private async askOnce(): Promise<boolean> {
    const { stream, socket, position } = this;
    try {
      const reply: unknown = await socket
        .timeout(PATIENCE_MS)
        .emitWithAck('stream:subscribe', { streams: [{ stream, ...(position && { after: position }) }] });
      const [answer] = okOf(reply, Subscribed).streams;
      if (!answer || 'error' in answer) throw new Error(answer?.error.code ?? 'no answer');
      const { epoch = '', n = 0, recovered, events, more } = answer;
      if (!position) this.position = { epoch, n };
      else if (recovered === false) {
        this.inbox.losses.push(`${stream}: not recovered (${answer.reason ?? 'without a reason'})`);
        this.position = { epoch, n };
      }
      this.asking = false;
      // Their shape is the contract's.
      for (const packet of events as unknown as Packet[]) this.take(packet);
      this.asking = true;
      this.isReady = true;
      return more !== true && !this.askAgain;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
      return false;
    }
  }
}

/** A third party with nothing but socket.io-client and fetch. */
export class PlainActor implements Actor {
  readonly kind = 'plain';
  readonly inbox = new Inbox();
  readonly streams: readonly string[];
  progress = 0;
  private readonly sockets: Socket[] = [];
  private readonly readers = new Map<string, Reader>();
  private checkIns!: Socket;
  private session: Person['session'];
  private renewing = false;

  constructor(
    readonly name: string,
    readonly person: Person,
    readonly line: Line,
  ) {
    this.streams = Object.values(streamsOf(person));
    this.session = person.session;
  }

  async open(): Promise<void> {
    const { branch, yard, requests } = streamsOf(this.person);
    this.checkIns = this.join('/check-ins', branch);
    this.join('/tracking', yard);
    this.join('/reports', requests).on('report:progressed', () => (this.progress += 1));
    while (![...this.readers.values()].every(({ isReady }) => isReady))
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async send({ name, input }: Command, id: string, way: Way): Promise<CheckIn> {
    if (way === 'socket') {
      const reply: unknown = await this.checkIns
        .timeout(PATIENCE_MS)
        .emitWithAck(name, input, { id })
        .catch((error: Error) => Promise.reject(new Refusal('TIMEOUT', 0, undefined, error.message)));
      return okOf(reply, CheckIn);
    }
    if (name === 'check-in:start') return this.post('/check-ins', input, id, CheckIn);
    const { checkInId, ...body } = input;
    return this.post(`/check-ins/${checkInId}/end`, body, id, CheckIn);
  }

  async requestReport(params: ReportWish, id: string): Promise<string> {
    const body = { kind: 'tracking.daily-distance', params };
    return (await this.post('/reports/runs', body, id, z.object({ id: z.string() }))).id;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.disconnect();
  }

  private join(namespace: string, stream: string): Socket {
    const socket = io(this.line.url + namespace, {
      transports: ['websocket'],
      auth: (give) => give({ token: this.session.accessToken, client: 'plain', protocol: 1 }),
    });
    const reader = new Reader(stream, socket, this.inbox);
    this.sockets.push(socket);
    this.readers.set(stream, reader);
    socket.onAny((name: string, data: unknown, meta: Meta | undefined) => {
      if (meta?.stream === stream) reader.take([name, data, meta]);
    });
    socket.on('session:ready', () => {
      this.inbox.up(this.line.outages.at(-1)?.to);
      void reader.ask();
    });
    socket.on('stream:head', (head: { stream: string; n: number }) => {
      if (head.stream === stream) reader.head(head.n);
    });
    socket.on('session:expiring', () => void this.renew());
    // The stock client comes back by itself after a broken line, and only then.
    socket.on('connect_error', () => {
      if (!socket.active) setTimeout(() => socket.connect(), TRY_AGAIN_MS);
    });
    socket.on('disconnect', () => {
      this.inbox.down();
      if (!socket.active) setTimeout(() => socket.connect(), TRY_AGAIN_MS);
    });
    return socket;
  }

  private async renew(): Promise<void> {
    if (this.renewing) return;
    this.renewing = true;
    for (let tries = 0; this.renewing && tries < 20; tries += 1) {
      try {
        const { refreshToken } = this.session;
        const answer = z.object({ accessToken: z.string(), expiresAt: z.string(), refreshToken: z.string() });
        this.session = { ...this.session, ...(await this.post('/auth/refresh', { refreshToken }, null, answer)) };
        for (const socket of this.sockets) socket.emit('session:refresh', { token: this.session.accessToken });
        this.renewing = false;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
      }
    }
    this.renewing = false;
  }

  private async post<S extends z.ZodType>(
    path: string,
    body: object,
    key: string | null,
    schema: S,
  ): Promise<z.output<S>> {
    const response = await fetch(`${this.line.url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.session.accessToken}`,
        ...(key !== null && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MS),
    }).catch((error: Error) => Promise.reject(new Refusal('OFFLINE', 0, undefined, error.message)));
    const answer: unknown = await response
      .json()
      .catch((error: Error) => Promise.reject(new Refusal('OFFLINE', 0, undefined, error.message)));
    if (!response.ok) throw refusalOf(answer);
    return schema.parse(Data.parse(answer).data);
  }
}

function okOf<S extends z.ZodType>(reply: unknown, schema: S): z.output<S> {
  const answer = Answer.parse(reply);
  if (!answer.ok) throw refusalOf(answer.error);
  return schema.parse(answer.data);
}

function refusalOf(value: unknown): Refusal {
  const { code, status, retryAfterMs, detail } = Problem.parse(value);
  return new Refusal(code, status, retryAfterMs, detail);
}
