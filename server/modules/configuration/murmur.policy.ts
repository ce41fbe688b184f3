const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
const scramble = (block: number): number => Math.imul(rotate(Math.imul(block, C1), 15), C2);

/** MurmurHash3 for 32 bits of a text in UTF-8: the same everywhere, so that a share of people stays the same people. */
export function murmur3(text: string, seed = 0): number {
  const bytes = Buffer.from(text, 'utf8');
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed;
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(rotate(hash ^ scramble(bytes.readInt32LE(at)), 13), 5) + 0xe6546b64;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= whole; at -= 1) rest = (rest << 8) | (bytes[at] ?? 0);
  hash ^= scramble(rest) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const VARIANT_SEED = 86_028_157;

/** 1 to 100. */
export const bucketOf = (flag: string, stickyId: string): number => (murmur3(`${flag}:${stickyId}`) % 100) + 1;

/** 1 to 1000; another seed, so that the variants of those who are in do not follow from how far in they are. */
export const variantBucketOf = (flag: string, stickyId: string): number =>
  (murmur3(`${flag}:${stickyId}`, VARIANT_SEED) % 1_000) + 1;
