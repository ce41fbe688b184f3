import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { redisOptions } from '../platform/redis';

/** A door before the tests' Redis that can be shut for one hub, while the other test files go on using it. */
export class RedisGate {
  private readonly through = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  constructor(private readonly target = process.env['LORO_TEST_REDIS_URL'] ?? '') {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    const server = createServer((from) => {
      const { path, host = '127.0.0.1', port = 6379 } = redisOptions(this.target);
      const to = path === undefined ? connect(port, host) : connect(path);
      for (const [end, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.through.add(end);
        end.on('error', () => other.destroy());
        end.on('close', () => {
          this.through.delete(end);
          other.destroy();
        });
        end.pipe(other);
      }
    });
    this.server = server;
    // The same port every time: whoever comes back looks where it was.
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
  }

  /** Cuts everybody off and lets nobody in. */
  async shut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.through) socket.destroy();
    await closed;
  }
}
