import { once } from 'node:events';
import { WebSocket } from 'ws';

const PATIENCE_MS = 25_000;
const PING = '2';
const PONG = '3';

interface PeerOptions {
  readonly path?: string;
  /** Of an Engine.IO session that began over HTTP. */
  readonly sid?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `answered` as a client does, which then does not see them; `shown` like any other packet, unanswered. */
  readonly heartbeats?: 'answered' | 'shown';
}

/** A WebSocket that speaks the wire by hand: a broken or hostile peer sends what no client library would. */
export class RawPeer {
  /** The close code, once the connection is over. */
  readonly closed: Promise<number>;
  private readonly ws: WebSocket;
  private readonly unread: (string | Buffer)[] = [];
  private wake: (() => void) | undefined;

  constructor(url: string, { path = '/socket.io/', sid, headers = {}, heartbeats = 'answered' }: PeerOptions = {}) {
    const target = new URL(`${path}?EIO=4&transport=websocket${sid === undefined ? '' : `&sid=${sid}`}`, url);
    target.protocol = 'ws:';
    this.ws = new WebSocket(target, { headers });
    // What refuses the handshake is an error here, and a close as well.
    this.ws.on('error', () => {});
    this.closed = new Promise((resolve) => this.ws.once('close', resolve));
    this.ws.on('message', (data: Buffer, isBinary) => {
      const packet = isBinary ? data : data.toString();
      if (packet === PING && heartbeats === 'answered') this.ws.send(PONG);
      else this.unread.push(packet);
      this.wake?.();
    });
    void this.closed.then(() => this.wake?.());
  }

  /** A peer that is connected, the handshake packet read. */
  static async open(url: string, options: PeerOptions = {}): Promise<RawPeer> {
    const peer = new RawPeer(url, options);
    if (options.sid === undefined) await peer.next();
    else await once(peer.ws, 'open');
    return peer;
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  send(...packets: (string | Uint8Array)[]): void {
    for (const packet of packets) this.ws.send(packet);
  }

  /** The oldest packet that nobody read yet, and that fits. */
  async next(fits: (packet: string | Buffer) => boolean = () => true): Promise<string | Buffer> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const at = this.unread.findIndex(fits);
      const [packet] = at < 0 ? [] : this.unread.splice(at, 1);
      if (packet !== undefined) return packet;
      if (this.ws.readyState > WebSocket.OPEN) throw new Error('the connection is over');
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('nothing came')), deadline - performance.now());
        this.wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  /** Goes away without the closing handshake, as a phone in a lift does. */
  cut(): void {
    this.ws.terminate();
  }
}
