import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { HubError, Invalid } from '../errors';
import { isTooDeep } from '../json';
import { MAX_PACKET_BYTES } from '../live/limits';

export interface Body {
  /** As it was sent, for whoever has to check a signature. */
  readonly text: string;
  readonly value: unknown;
}

/** Reads a JSON body of at most 64 KiB, or of what its row allows; an empty one is undefined. */
export async function readBody(ctx: Context, limit = MAX_PACKET_BYTES): Promise<Body | undefined> {
  if (!ctx.request.length && !ctx.get('transfer-encoding')) return undefined;
  if (!ctx.is('application/json', 'application/*+json'))
    throw new HubError('UNSUPPORTED_MEDIA', 'The body must be application/json.');
  let text: string;
  try {
    text = await getRawBody(ctx.req, { limit, length: ctx.request.length ?? null, encoding: 'utf8' });
  } catch (error) {
    if (error instanceof Error && 'type' in error && error.type === 'entity.too.large')
      throw new HubError('PAYLOAD_TOO_LARGE', `The body is larger than ${Math.floor(limit / 1024)} KiB.`);
    throw new Invalid('MALFORMED_JSON', 'The body did not arrive whole.', { cause: error });
  }
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Invalid('MALFORMED_JSON', 'The body is not JSON.', { cause: error });
  }
  if (isTooDeep(value)) throw new Invalid('MALFORMED_JSON', 'The body is nested more than 32 deep.');
  return { text, value };
}
