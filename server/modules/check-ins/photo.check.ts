import { gps, parse } from 'exifr';
import sharp from 'sharp';
import { HubError } from '../../platform';
import { differenceHash, HASH_HEIGHT, HASH_WIDTH } from './photo.policy';

const MOST_PIXELS = 24_000_000;
const LONGEST_SIDE = 1_600;

export interface Drawn {
  /** A JPEG without anything that the camera wrote beside the picture. */
  readonly bytes: Buffer;
  readonly hash: bigint;
  readonly place: { readonly lat: number; readonly lng: number } | null;
  readonly atMs: number | null;
}

/** Decodes a photo and draws it anew. @throws HubError PHOTO_NOT_READABLE */
export async function drawn(file: Buffer): Promise<Drawn> {
  const open = () => sharp(file, { limitInputPixels: MOST_PIXELS, failOn: 'error' });
  const { format, width, height, pages = 1 } = await open().metadata().catch(unreadable);
  if (format !== 'jpeg' && format !== 'webp') unreadable(new Error(`${format} is not taken`));
  // The size is told before anything is decoded, so that a small file of a huge picture costs nothing.
  if (width * height * pages > MOST_PIXELS) unreadable(new Error('too many pixels'));
  const camera = await cameraSays(file);
  const bytes = await open()
    .rotate()
    .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toBuffer()
    .catch(unreadable);
  const grey = await sharp(bytes)
    .greyscale()
    .resize(HASH_WIDTH, HASH_HEIGHT, { fit: 'fill' })
    .raw()
    .toBuffer()
    .catch(unreadable);
  return { bytes, hash: differenceHash(grey), ...camera };
}

/** What the camera wrote: its clock, and its place where it has one. Nothing of it is proof, so nothing of it is needed. */
async function cameraSays(file: Buffer): Promise<Pick<Drawn, 'place' | 'atMs'>> {
  try {
    const [place, said] = await Promise.all([
      gps(file),
      parse(file, { pick: ['DateTimeOriginal', 'OffsetTimeOriginal'], reviveValues: false }),
    ]);
    const isPlace = Number.isFinite(place?.latitude) && Number.isFinite(place?.longitude);
    return { place: isPlace ? { lat: place.latitude, lng: place.longitude } : null, atMs: momentOf(said) };
  } catch {
    return { place: null, atMs: null };
  }
}

/** `2026:11:25 09:15:20` and `+02:00`; without an offset nobody knows which moment that was. */
function momentOf(said: unknown): number | null {
  if (typeof said !== 'object' || said === null) return null;
  const local: unknown = Reflect.get(said, 'DateTimeOriginal');
  const offset: unknown = Reflect.get(said, 'OffsetTimeOriginal');
  if (typeof local !== 'string' || typeof offset !== 'string') return null;
  const at = Date.parse(`${local.slice(0, 10).replaceAll(':', '-')}T${local.slice(11, 19)}${offset}`);
  return Number.isNaN(at) ? null : at;
}

function unreadable(cause: unknown): never {
  throw new HubError('PHOTO_NOT_READABLE', 'Send a JPEG or WebP of at most 24 megapixels.', { cause });
}
