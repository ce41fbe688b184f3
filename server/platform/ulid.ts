import { randomFillSync } from 'node:crypto';
import { monotonicFactory, ulid as withSource } from 'ulid';

const pool = Buffer.alloc(4096);
let at = pool.length;

/** A byte of the system's randomness as a fraction, from a pool: asking for each one by itself costs seventy times as much. */
function random(): number {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const byte = pool.readUInt8(at);
  at += 1;
  return byte / 256;
}

/** A new ULID. @param ms milliseconds since 1970; now by default */
export const ulid = (ms?: number): string => withSource(ms, random);

/** A new ULID that is greater than every one this process made this way before, in the same millisecond too. */
export const ulidInOrder: (ms: number) => string = monotonicFactory(random);
