import { connect, type Socket } from 'node:net';
import { clientFrame, FrameReader, OPCODE_CLOSE, OPCODE_PING, OPCODE_TEXT } from './frames';
import { ackPrefix, callText, connectText, eventPrefix, type Target, upgradeRequest } from './wire';

const OPEN_MS = 60_000;
const HEADERS_END = Buffer.from('\r\n\r\n');
const PONG = clientFrame('3');
const PING_BYTE = 0x32;
const ZERO = 0x30;

/** All connections of this process read into one buffer: each chunk is done with before the next is read. */
const shared = Buffer.allocUnsafe(256 * 1024);

export type OnEvent = (bytes: Buffer, start: number, end: number) => void;
type OnAck = (text: string) => void;

export interface Opening {
  readonly target: Target;
  readonly token: string;
  /** The loopback address it comes from; thousands of connections need several. */
  readonly from: string;
  readonly onEvent: OnEvent;
}

/**
 * A client that does no more than a client must: hand-made frames, no objects per packet, and packets handed on as they
 * lie in the buffer. Thousands of it live in one process.
 */
export class Client {
  private readonly socket: Socket;
  private readonly frames = new FrameReader((opcode, bytes, start, end) => this.onFrame(opcode, bytes, start, end));
  private readonly acks = new Map<number, OnAck>();
  private readonly ackStart: Buffer;
  private readonly welcome: Buffer | null;
  private lastId = 0;
  private isUpgraded = false;
  private head = '';
  private settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  isClosed = false;

  private constructor(private readonly opening: Opening) {
    const { target, from } = opening;
    this.ackStart = Buffer.from(ackPrefix(target));
    this.welcome = target.welcome === null ? null : eventPrefix(target, target.welcome);
    this.socket = connect({
      port: target.port,
      host: '127.0.0.1',
      localAddress: from,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (count, buffer) => {
          this.onBytes((buffer as Buffer).subarray(0, count));
          return true;
        },
      },
    });
    this.socket.once('connect', () => this.socket.write(upgradeRequest(target, opening.token)));
    this.socket.once('error', (error) => this.settle?.reject(error));
    this.socket.once('close', () => {
      this.isClosed = true;
      this.settle?.reject(new Error('the server closed the connection'));
    });
  }

  /** Resolves when the server has said its welcome. */
  static async open(opening: Opening): Promise<Client> {
    const client = new Client(opening);
    const late = setTimeout(() => client.settle?.reject(new Error('no welcome in time')), OPEN_MS);
    try {
      await new Promise<void>((resolve, reject) => (client.settle = { resolve, reject }));
    } catch (error) {
      client.socket.destroy();
      throw error;
    } finally {
      clearTimeout(late);
      client.settle = null;
    }
    return client;
  }

  /** Sends a call; `onAck` gets what follows the number of its acknowledgement. */
  call(name: string, input: unknown, onAck: OnAck): void {
    const id = (this.lastId += 1);
    this.acks.set(id, onAck);
    this.socket.write(clientFrame(callText(this.opening.target, id, name, input)));
  }

  /** @throws Error with the answer where it is not the wanted one */
  async ask(name: string, input: unknown): Promise<string> {
    const answer = await new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${name} was not answered`)), OPEN_MS);
      this.call(name, input, (text) => {
        clearTimeout(late);
        resolve(text);
      });
    });
    if (!answer.startsWith('[{"ok":true') || answer.includes('"error"'))
      throw new Error(`${name}: ${answer.slice(0, 400)}`);
    return answer;
  }

  /** Resolves when the connection is gone on both sides. */
  close(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket.once('close', () => resolve());
      this.socket.end();
    });
  }

  private onBytes(chunk: Buffer): void {
    if (this.isUpgraded) return this.frames.feed(chunk);
    this.head += chunk.toString('latin1');
    const end = this.head.indexOf(HEADERS_END.toString());
    if (end < 0) return;
    if (!this.head.startsWith('HTTP/1.1 101')) return this.settle?.reject(new Error(this.head.slice(0, 400)));
    this.isUpgraded = true;
    const rest = Buffer.from(this.head.slice(end + HEADERS_END.length), 'latin1');
    this.head = '';
    if (this.opening.target.wire === 'ws') this.settle?.resolve();
    if (rest.length > 0) this.frames.feed(rest);
  }

  private onFrame(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === OPCODE_TEXT) return this.onText(bytes, start, end);
    if (opcode === OPCODE_CLOSE) this.socket.end();
    // Nobody here pings on this level; Engine.IO's pings are texts.
    if (opcode === OPCODE_PING) throw new Error('an unexpected ping');
  }

  private onText(bytes: Buffer, start: number, end: number): void {
    if (this.opening.target.wire === 'socket.io' && end === start + 1 && bytes[start] === PING_BYTE) {
      this.socket.write(PONG);
      return;
    }
    if (this.isAck(bytes, start)) return this.onAck(bytes, start + this.ackStart.length, end);
    if (this.settle && this.onWelcome(bytes, start, end)) return;
    this.opening.onEvent(bytes, start, end);
  }

  private isAck(bytes: Buffer, start: number): boolean {
    const digit = (bytes[start + this.ackStart.length] ?? 0) - ZERO;
    return digit >= 0 && digit <= 9 && startsWith(bytes, start, this.ackStart);
  }

  private onAck(bytes: Buffer, start: number, end: number): void {
    let at = start;
    let id = 0;
    for (let digit = (bytes[at] ?? 0) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[at] ?? 0) - ZERO) {
      id = id * 10 + digit;
      at += 1;
    }
    const waiting = this.acks.get(id);
    this.acks.delete(id);
    waiting?.(bytes.toString('latin1', at, end));
  }

  /** Engine.IO's handshake, the namespace's connect, and the welcome where one is waited for. */
  private onWelcome(bytes: Buffer, start: number, end: number): boolean {
    const { target, token } = this.opening;
    const packet = bytes.toString('latin1', start, Math.min(end, start + 2));
    if (packet.startsWith('0')) this.socket.write(clientFrame(connectText(target, token)));
    else if (packet === '40' && this.welcome === null) this.settle?.resolve();
    else if (packet === '44') this.settle?.reject(new Error(bytes.toString('latin1', start, end)));
    else if (packet === '42' && this.welcome && startsWith(bytes, start, this.welcome)) this.settle?.resolve();
    return true;
  }
}

export const startsWith = (bytes: Buffer, start: number, prefix: Buffer): boolean =>
  bytes.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0;
