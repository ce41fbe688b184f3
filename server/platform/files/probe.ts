import { randomBytes } from 'node:crypto';
import { ulid } from '../ulid';
import type { FileStore } from './file-store';

/**
 * Writes a file, reads it back and removes it.
 * @throws Error that says which of the three did not work
 */
export async function probeStore(store: FileStore): Promise<void> {
  const key = `loro-probe-${ulid()}`;
  const bytes = randomBytes(64);
  await step('write', store.put(key, bytes, { type: 'application/octet-stream', size: bytes.length }));
  try {
    const parts: Buffer[] = [];
    for await (const part of (await step('read', store.get(key))) as AsyncIterable<Buffer>) parts.push(part);
    if (!Buffer.concat(parts).equals(bytes)) throw new Error('read: other bytes came back than were written');
  } finally {
    await step('delete', store.remove(key));
  }
  if ((await store.sizeOf(key)) !== null) throw new Error('delete: the file is still there');
}

const step = <T>(name: string, work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) => {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
