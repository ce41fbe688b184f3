import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** The SHA-256 of what a stream brings, in lower-case hex, and how many bytes it was. */
export async function digest(body: Readable): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    hash.update(part);
    size += part.length;
  }
  return { sha256: hash.digest('hex'), size };
}
