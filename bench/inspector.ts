import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';

const ANSWER_MS = 60_000;
const SETTLED_MS = 1_000;

const Reply = z.object({
  id: z.number().optional(),
  result: z.unknown(),
  error: z.object({ message: z.string() }).optional(),
});

/** V8's inspector in another process that was started with `--inspect`. */
export class Inspector {
  private lastId = 0;

  private constructor(private readonly socket: WebSocket) {}

  static async open(url: string | null): Promise<Inspector> {
    if (url === null) throw new Error('this process was started without --inspect');
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new Inspector(socket);
  }

  async send(method: string, params: object = {}): Promise<unknown> {
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      const onMessage = (data: Buffer) => {
        const reply = Reply.parse(JSON.parse(data.toString()));
        if (reply.id !== id) return;
        clearTimeout(late);
        this.socket.off('message', onMessage);
        if (reply.error) reject(new Error(`${method}: ${reply.error.message}`));
        else resolve(reply.result);
      };
      const late = setTimeout(() => {
        this.socket.off('message', onMessage);
        reject(new Error(`${method} was not answered`));
      }, ANSWER_MS);
      this.socket.on('message', onMessage);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.socket.close();
  }
}

/** A full garbage collection in another process: what is left is what is held. */
export async function collectGarbage(url: string | null): Promise<void> {
  const inspector = await Inspector.open(url);
  try {
    await inspector.send('HeapProfiler.collectGarbage');
  } finally {
    inspector.close();
  }
  // V8 gives pages back to the system a little later.
  await sleep(SETTLED_MS);
}
