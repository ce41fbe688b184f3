import { distanceM } from '../../platform';

/** A grid of grey values, nine wide and eight high. */
export const HASH_WIDTH = 9;
export const HASH_HEIGHT = 8;
export const NEARLY_THE_SAME = 10;
const FARTHEST_M = 500;
const LONGEST_MS = 5 * 60_000;

/** 64 bits, one for each pair of neighbours in a row: whether the left one is lighter. Survives scaling and new compression. */
export function differenceHash(grey: Uint8Array): bigint {
  if (grey.length !== HASH_WIDTH * HASH_HEIGHT) throw new Error('a picture of 9 × 8 grey values is needed');
  let hash = 0n;
  for (let row = 0; row < HASH_HEIGHT; row += 1)
    for (let column = 0; column < HASH_WIDTH - 1; column += 1) {
      const at = row * HASH_WIDTH + column;
      hash = (hash << 1n) | ((grey[at] ?? 0) > (grey[at + 1] ?? 0) ? 1n : 0n);
    }
  return hash;
}

/** In how many bits two hashes differ. */
export function hamming(a: bigint, b: bigint): number {
  let count = 0;
  for (let rest = a ^ b; rest > 0n; rest &= rest - 1n) count += 1;
  return count;
}

export interface PhotoFacts {
  readonly isDuplicate: boolean;
  /** Where and when the camera says it was; null where it says nothing. */
  readonly exifPlace: { readonly lat: number; readonly lng: number } | null;
  readonly exifAtMs: number | null;
  readonly fix: { readonly lat: number; readonly lng: number } | null;
  readonly occurredMs: number;
}

/** `duplicate` beats `mismatch`: a photo that was used before was not taken here either. */
export function verdictOf({
  isDuplicate,
  exifPlace,
  exifAtMs,
  fix,
  occurredMs,
}: PhotoFacts): 'ok' | 'mismatch' | 'duplicate' {
  if (isDuplicate) return 'duplicate';
  if (exifPlace && fix && distanceM(exifPlace, fix) > FARTHEST_M) return 'mismatch';
  if (exifAtMs !== null && Math.abs(exifAtMs - occurredMs) > LONGEST_MS) return 'mismatch';
  return 'ok';
}

export const gestures = [
  'a thumb up',
  'two fingers',
  'an open hand',
  'a hand on the shoulder',
  'three fingers',
] as const;
