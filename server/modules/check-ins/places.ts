import { Reading } from '@loro/contracts/check-ins-values';
import type { LocationKeys, Sealing } from './location-keys';

interface Placed {
  readonly orgId: string;
  readonly userId: string;
  readonly id: string;
  readonly occurredAt: Date;
  readonly place: Buffer | null;
}

/** The exact place of a check-in; null where none is kept, or its key was destroyed. */
export async function placeOf(keys: LocationKeys, mark: Placed): Promise<Reading | null> {
  if (mark.place === null) return null;
  return openPlace(keys, { ...mark, at: mark.occurredAt }, mark.place);
}

export async function openPlace(keys: LocationKeys, whose: Sealing, sealed: Buffer): Promise<Reading | null> {
  const plain = await keys.open(whose, sealed);
  return plain && Reading.parse(JSON.parse(plain.toString('utf8')));
}

export const sealPlace = (keys: LocationKeys, whose: Sealing, place: Reading): Promise<Buffer | null> =>
  keys.seal(whose, Buffer.from(JSON.stringify(place)));
