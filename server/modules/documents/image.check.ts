import sharp from 'sharp';
import { HubError } from '../../platform';
import type { TypeName } from './file-types.policy';

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

function broken(error: unknown): never {
  if (error instanceof Error && /pixel limit/i.test(error.message))
    throw new HubError('IMAGE_TOO_LARGE', 'This image has more than fifty megapixels.');
  throw new HubError('TYPE_NOT_ALLOWED', 'This is not an image that can be drawn.', { cause: error });
}
