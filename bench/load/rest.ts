import { connect, type Socket } from 'node:net';

const HEADERS_END = '\r\n\r\n';

export interface RestOptions {
  readonly port: number;
  readonly connections: number;
  /** Requests in all. */
  readonly count: number;
  readonly requests: readonly { readonly path: string; readonly token: string }[];
}

export interface RestResult {
  readonly ok: number;
  readonly failures: number;
  readonly firstFailure: string | null;
}

/** Keeps some connections busy with one request each, until all are answered. */
export async function loadRest(options: RestOptions): Promise<RestResult> {
  const texts = options.requests.map(({ path, token }) =>
    Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\nAuthorization: Bearer ${token}\r\nAccept: application/json\r\n\r\n`,
    ),
  );
  let turn = 0;
  const next: Next = () => {
    if (turn >= options.count) return null;
    turn += 1;
    return texts[turn % texts.length] ?? null;
  };
  const lanes = Array.from({ length: options.connections }, () => new Lane(options.port, next).run());
  const results = await Promise.all(lanes);
  return {
    ok: results.reduce((sum, { ok }) => sum + ok, 0),
    failures: results.reduce((sum, { failures }) => sum + failures, 0),
    firstFailure: results.find(({ firstFailure }) => firstFailure !== null)?.firstFailure ?? null,
  };
}

/** What to ask for next; null when it is enough. */
type Next = () => Buffer | null;

/** One kept-alive connection with one request at a time. */
class Lane {
  private readonly socket: Socket;
  private chunks: Buffer[] = [];
  private have = 0;
  private need = -1;
  private ok = 0;
  private failures = 0;
  private firstFailure: string | null = null;

  constructor(
    port: number,
    private readonly next: Next,
  ) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
  }

  run(): Promise<RestResult> {
    return new Promise((resolve) => {
      const done = () => resolve({ ok: this.ok, failures: this.failures, firstFailure: this.firstFailure });
      this.socket.once('connect', () => this.ask());
      this.socket.on('data', (chunk: Buffer) => this.take(chunk));
      this.socket.once('error', (error) => (this.firstFailure ??= error.message));
      this.socket.once('close', done);
    });
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.have += chunk.length;
    if (this.need < 0) this.need = wholeLength(Buffer.concat(this.chunks));
    if (this.need < 0 || this.have < this.need) return;
    this.judge((this.chunks[0] ?? chunk).toString('latin1', 0, 400));
    this.chunks = [];
    this.have = 0;
    this.need = -1;
    this.ask();
  }

  private ask(): void {
    const text = this.next();
    if (text) this.socket.write(text);
    else this.socket.end();
  }

  private judge(start: string): void {
    if (start.startsWith('HTTP/1.1 200')) {
      this.ok += 1;
      return;
    }
    this.failures += 1;
    this.firstFailure ??= start;
  }
}

/** Bytes of the answer, headers included; -1 while the headers are not all there. */
function wholeLength(bytes: Buffer): number {
  const head = bytes.indexOf(HEADERS_END);
  if (head < 0) return -1;
  const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1];
  if (length === undefined) throw new Error('an answer without Content-Length');
  return head + HEADERS_END.length + Number(length);
}
