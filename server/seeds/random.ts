import { createHash } from 'node:crypto';

/** A repeatable source of chance: the same seed words give the same sequence on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  /** Standard normal. */
  normal(): number;
  pick<T>(list: readonly T[]): T;
}

/** Words are hashed together, so a stream of chance for one person and day owes nothing to any other. */
export function randomFrom(...words: readonly string[]): Random {
  const digest = createHash('sha256').update(words.join('\u0000')).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let d = 1;

  // sfc32: small, quick, and passes the usual batteries; Math.random cannot be seeded.
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 12; round++) next();

  return {
    next,
    between: (low, high) => low + next() * (high - low),
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (list) => {
      const item = list[Math.floor(next() * list.length)];
      if (item === undefined) throw new RangeError('There is nothing to pick from.');
      return item;
    },
  };
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The ULID that these words always get, so that a second seeding finds the rows of the first. */
export function stableId(at: Date, ...words: readonly string[]): string {
  let time = '';
  for (let rest = at.getTime(), digit = 0; digit < 10; digit++, rest = Math.floor(rest / 32)) {
    time = CROCKFORD.charAt(rest % 32) + time;
  }
  const digest = createHash('sha256').update(words.join('\u0000')).digest();
  const tail = Array.from(digest.subarray(0, 16), (byte) => CROCKFORD.charAt(byte & 31));
  return time + tail.join('');
}
