import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import { HubError } from '../../platform';
import { fileTypes, isTypeName, type TypeName } from './file-types.policy';

const MAX_PIXELS = 50_000_000;
const formats: Partial<Record<TypeName, 'jpeg' | 'png' | 'webp' | 'avif'>> = {
  jpg: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
};

// Two at once: decoding takes a core and tens of megabytes each.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes an image and writes it anew, turned the right way up: what was hidden behind its pixels, the place where it
 * was taken among it, does not come along.
 * @param to where the new bytes go
 * @throws HubError IMAGE_TOO_LARGE, or TYPE_NOT_ALLOWED for what does not decode
 */
export async function redraw(file: string, to: string, type: TypeName): Promise<{ width: number; height: number }> {
  const format = formats[type];
  if (!format) throw new Error(`${type} is not an image that can be redrawn`);
  const open = () => sharp(file, { limitInputPixels: MAX_PIXELS, failOn: 'error' });
  const { width, height, pages = 1 } = await open().metadata().catch(broken);
  if (width * height * pages > MAX_PIXELS)
    throw new HubError('IMAGE_TOO_LARGE', `This image has ${width} × ${height} pixels; fifty megapixels are the most.`);
  const drawn = await open().rotate().toFormat(format, { quality: 88 }).toFile(to).catch(broken);
  return { width: drawn.width, height: drawn.height };
}

/** Whether a picture can be drawn of bytes of this type. */
export const isDrawable = (mime: string): boolean =>
  Object.entries(fileTypes).some(
    ([name, type]) => type.mime === mime && isTypeName(name) && formats[name] !== undefined,
  );

/**
 * Draws an image at most so wide, never larger than it is.
 * @returns the length of what was written
 */
export async function shrink(from: Readable, to: string, width: number): Promise<number> {
  const drawing = sharp({ limitInputPixels: MAX_PIXELS, failOn: 'error' })
    .rotate()
    .resize({ width, withoutEnlargement: true })
    .webp({ quality: 80 });
  const written = drawing.toFile(to);
  const [{ size }] = await Promise.all([written, pipeline(from, drawing)]);
  return size;
}

function broken(error: unknown): never {
  if (error instanceof Error && /pixel limit/i.test(error.message))
    throw new HubError('IMAGE_TOO_LARGE', 'This image has more than fifty megapixels.');
  throw new HubError('TYPE_NOT_ALLOWED', 'This is not an image that can be drawn.', { cause: error });
}
