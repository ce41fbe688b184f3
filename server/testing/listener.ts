import type { Meta, Reply } from '@loro/contracts/kit/live';
import type { SessionReady, Subscribed } from '@loro/contracts/kit/session';
import { io, type Socket } from 'socket.io-client';

const PATIENCE_MS = 25_000;

interface Heard {
  readonly event: string;
  readonly data: unknown;
  readonly meta: Meta | undefined;
}

/** A stock socket.io-client that remembers everything it hears. */
export class Listener {
  readonly socket: Socket;
  readonly ready: Promise<SessionReady>;
  /** Why the connection ended, once it did. */
  readonly closed: Promise<string>;
  readonly all: Heard[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(
    url: string,
    namespace: string,
    token: string,
    options: { forceNew?: boolean; extraHeaders?: Record<string, string> } = {},
  ) {
    this.socket = io(url + namespace, { auth: { token }, transports: ['websocket'], forceNew: true, ...options });
    this.socket.onAny((event: string, data: unknown, meta?: Meta) => {
      this.all.push({ event, data, meta });
      for (const look of this.waiting) look();
    });
    this.ready = new Promise((resolve, reject) => {
      this.socket.once('session:ready', resolve);
      this.socket.once('connect_error', reject);
    });
    this.closed = new Promise((resolve) => this.socket.once('disconnect', resolve));
  }

  /** What was said so far under this name. */
  heard(event: string): unknown[] {
    return this.all.filter((entry) => entry.event === event).map(({ data }) => data);
  }

  metas(event: string): (Meta | undefined)[] {
    return this.all.filter((entry) => entry.event === event).map(({ meta }) => meta);
  }

  /** The first event of this name that fits, past or to come. */
  async next<T = unknown>(event: string, fits: (data: T) => boolean = () => true): Promise<T> {
    const find = () => this.heard(event).find((data) => fits(data as T));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`nobody said ${event}; heard: ${this.all.map((entry) => entry.event).join(', ')}`));
      }, PATIENCE_MS);
      const look = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(late);
        this.waiting.delete(look);
        resolve(found as T);
      };
      this.waiting.add(look);
      look();
    });
  }

  async call<T = unknown>(name: string, ...args: unknown[]): Promise<Reply<T>> {
    // The ack is whatever the gateway says; tests look at it.
    return (await this.socket.timeout(PATIENCE_MS).emitWithAck(name, ...args)) as Reply<T>;
  }

  async subscribe(
    stream: string,
    after?: { epoch: string; n: number },
  ): Promise<Extract<Subscribed['streams'][number], { class: string }>> {
    const reply = await this.call<Subscribed>('stream:subscribe', { streams: [{ stream, ...(after && { after }) }] });
    const [answer] = reply.ok ? reply.data.streams : [];
    if (!answer || 'error' in answer) throw new Error(`not subscribed: ${JSON.stringify(reply)}`);
    return answer;
  }

  close(): void {
    this.socket.close();
  }
}
