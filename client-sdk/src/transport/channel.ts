import type { Meta } from '@loro/contracts/kit/live';
import type { SessionEnded, SessionReady } from '@loro/contracts/kit/session';
import type { Manager, Socket } from 'socket.io-client';
import { badAnswer, fieldOf, isPassing, isProblem, localError, LoroError, offline } from '../errors';
import type { Log } from '../types';
import type { Echoes } from './echoes';
import type { Packet } from './follower';
import { isMeta, Streams } from './streams';
import { listen, tell } from './timing';

export interface ChannelOptions {
  readonly manager: Manager;
  readonly namespace: string;
  readonly auth: () => Readonly<Record<string, unknown>>;
  readonly echoes: Echoes;
  readonly log: Log;
  readonly onReady: (channel: Channel, ready: SessionReady) => void;
  readonly onRefused: (channel: Channel, problem: LoroError) => void;
  readonly onLeft: (channel: Channel) => void;
  readonly onExpiring: () => void;
  readonly onEnded: (ended: SessionEnded) => void;
}

export type Listener = (data: unknown, meta: Meta) => void;

const CALL_MS = 10_000;
const controlEvents = new Set(['session:ready', 'session:expiring', 'session:ended', 'stream:head', 'stream:ended']);

/** One namespace on the shared connection: calls, events, streams. Usable between `session:ready` and the next loss. */
export class Channel {
  readonly streams: Streams;
  ready = false;
  readonly #socket: Socket;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #waiters = new Set<(error?: LoroError) => void>();
  #refusal: LoroError | null = null;
  #maxPacketBytes = 65_536;

  readonly #options: ChannelOptions;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.streams = new Streams({
      send: (event, input) => this.#emit(event, [input], CALL_MS),
      deliver: ([name, data, meta]) => tell(this.#listeners.get(name) ?? [], data, meta),
      log: options.log,
    });
    this.#socket = options.manager.socket(options.namespace, { auth: (give) => give(options.auth()) });
    this.#hear();
  }

  get namespace(): string {
    return this.#options.namespace;
  }

  /** Asks to be connected with the next connection, or on this one. */
  open(): void {
    // Connecting an active socket again would send a second CONNECT for the same namespace.
    if (!this.#socket.active) this.#socket.connect();
  }

  close(): void {
    this.#socket.disconnect();
    this.#lose();
  }

  /** Listens to an event, or to a control event that the app may care for, such as `flow:pace`. */
  on(event: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    return listen(listeners, listener);
  }

  /**
   * Calls, waiting for the connection where there is none. With an `id` the call is sent again when its connection is
   * lost before the answer: the hub does it once.
   */
  async call(name: string, input: unknown, id?: string): Promise<unknown> {
    if (id !== undefined) this.#options.echoes.note(id);
    const args = id === undefined ? [input] : [input, { id }];
    const bytes = new TextEncoder().encode(JSON.stringify([name, ...args])).byteLength;
    // A larger packet would end the connection instead of being answered.
    if (bytes > this.#maxPacketBytes - 64)
      throw localError('PAYLOAD_TOO_LARGE', `A call may have ${this.#maxPacketBytes} bytes.`, undefined, 413);
    const deadline = Date.now() + CALL_MS;
    for (;;) {
      await this.#whenReady(deadline - Date.now());
      try {
        return await this.#emit(name, args, deadline - Date.now());
      } catch (error) {
        const isLost = error instanceof LoroError && error.code === 'OFFLINE';
        if (!isLost || id === undefined || Date.now() >= deadline) throw error;
      }
    }
  }

  async refresh(token: string): Promise<{ expiresAt: string }> {
    // The shape is the contract's; the hub's own tests hold it to it.
    const answer = (await this.#emit('session:refresh', [{ token }], CALL_MS)) as {
      expiresAt: string;
      lost?: string[];
    };
    for (const stream of answer.lost ?? []) this.streams.onEnded(stream, 'FORBIDDEN');
    return answer;
  }

  /** Nobody will connect it any more: lets go whoever waits. */
  fail(error: LoroError): void {
    for (const waiter of this.#waiters) waiter(error);
  }

  #hear(): void {
    const { streams } = this;
    const socket = this.#socket;
    const options = this.#options;
    socket.onAny((name: string, data: unknown, meta: unknown) => {
      if (controlEvents.has(name)) return;
      if (isMeta(meta)) streams.onEvent([name, data, meta] satisfies Packet);
      else tell(this.#listeners.get(name) ?? [], data, { stream: '', at: '' });
    });
    socket.on('session:ready', (ready: SessionReady) => {
      this.#refusal = null;
      this.ready = true;
      this.#maxPacketBytes = ready.limits?.maxPacketBytes ?? this.#maxPacketBytes;
      options.onReady(this, ready);
      streams.onReady(ready.streams);
      for (const waiter of this.#waiters) waiter();
    });
    socket.on('session:expiring', () => options.onExpiring());
    socket.on('session:ended', (ended: SessionEnded) => options.onEnded(ended));
    socket.on('stream:head', (head: { stream: string; epoch: string; n: number }) => streams.onHead(head));
    socket.on('stream:ended', ({ stream, code }: { stream: string; code: string }) => streams.onEnded(stream, code));
    socket.on('disconnect', (reason) => {
      this.#lose();
      if (reason === 'io server disconnect') options.onLeft(this);
    });
    socket.on('connect_error', (error: Error & { data?: unknown }) => {
      // Without a problem object it is the connection that failed, and the link knows.
      if (socket.active) return;
      const problem = isProblem(error.data)
        ? new LoroError(error.data)
        : localError('BAD_RESPONSE', error.message, error);
      this.#refusal = problem;
      options.onRefused(this, problem);
      if (!isPassing(problem) && problem.status !== 401) this.fail(problem);
    });
  }

  #lose(): void {
    this.ready = false;
    this.streams.offline();
  }

  #whenReady(waitMs: number): Promise<void> {
    if (this.ready) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (error?: LoroError): void => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        if (error) reject(error);
        else resolve();
      };
      const timer = setTimeout(() => done(this.#refusal ?? offline()), Math.max(0, waitMs));
      this.#waiters.add(done);
    });
  }

  async #emit(name: string, args: readonly unknown[], timeoutMs: number): Promise<unknown> {
    // Socket.IO would keep it and send it on the next connection, before the session there has begun.
    if (!this.ready) throw offline();
    let reply: unknown;
    try {
      reply = await this.#socket.timeout(Math.max(1, timeoutMs)).emitWithAck(name, ...args);
    } catch (error) {
      throw this.ready ? localError('TIMEOUT', 'The hub did not answer in time.', error) : offline(error);
    }
    if (fieldOf(reply, 'ok') === true) return fieldOf(reply, 'data');
    const problem = fieldOf(reply, 'error');
    if (isProblem(problem)) throw new LoroError(problem);
    throw badAnswer();
  }
}
