import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { once } from 'node:events';

const TIMEOUT_MS = 120_000;
const MAX_CHUNK = 65_536;
const MAX_ANSWER = 4_096;

/**
 * Asks a clamd about bytes, by its command INSTREAM: each chunk after its length, an empty one at the end.
 * @returns null for clean bytes, else the name of what was found
 * @throws Error where it cannot be asked, or says anything else
 */
export async function askClamd(address: string, bytes: Readable): Promise<string | null> {
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('clamd did not answer in time')));
  // Both ends talk at once: it may refuse a file before it was sent whole.
  const answer = read(socket);
  answer.catch(() => bytes.destroy());
  try {
    await once(socket, 'connect');
    await send(socket, bytes).catch(async (error: unknown) => {
      // What it said outweighs that it then closed.
      if ((await answer.catch(() => '')) === '') throw error;
    });
    return verdictOf(await answer);
  } finally {
    bytes.destroy();
    socket.destroy();
  }
}

async function send(socket: Socket, bytes: Readable): Promise<void> {
  socket.write('zINSTREAM\0');
  for await (const chunk of bytes as AsyncIterable<Buffer>)
    for (let from = 0; from < chunk.length; from += MAX_CHUNK) {
      const part = chunk.subarray(from, from + MAX_CHUNK);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      socket.write(length);
      if (!socket.write(part)) await Promise.race([once(socket, 'drain'), closed(socket)]);
    }
  socket.write(Buffer.alloc(4));
}

async function closed(socket: Socket): Promise<never> {
  await once(socket, 'close');
  throw new Error('clamd closed the connection');
}

function read(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (part) => {
      text = (text + part.toString('latin1')).slice(0, MAX_ANSWER);
      if (text.includes('\0')) resolve(text.slice(0, text.indexOf('\0')));
    });
    socket.once('error', reject);
    socket.once('close', () => (text === '' ? reject(new Error('clamd said nothing')) : resolve(text)));
  });
}

function verdictOf(answer: string): string | null {
  const said = answer.replace(/^stream: /, '').trim();
  if (said === 'OK') return null;
  const found = /^(.{1,200}) FOUND$/.exec(said)?.[1];
  if (found !== undefined) return found;
  throw new Error(`clamd answered: ${said.slice(0, 200)}`);
}
