import { z } from 'zod';
import { api, feed } from './kit/api';
import { contract } from './kit/contract';
import { errors } from './kit/problem';
import { Instant } from './kit/values';

/** What travels beside an event; `n`, `epoch` and `id` on streams of class `log` alone. */
export const EventMeta = z.object({
  stream: z.string(),
  at: Instant,
  id: z.string().optional(),
  epoch: z.string().optional(),
  n: z.number().int().optional(),
  cause: z.string().optional(),
  trace: z.string().optional(),
});

/** One event as it would have come over a socket: its name, its data, its meta. */
export const StreamEvent = z.tuple([z.string(), z.unknown(), EventMeta]);

export const ReadStream = z.strictObject({
  /** `<epoch>_<n>` of an earlier answer, `-1` for the start, `now` for the end. */
  offset: z.string().max(80).optional(),
  /** Wait for events that are not there yet: once, or again and again on one connection. */
  live: z.enum(['long-poll', 'sse']).optional(),
  /** `Stream-Cursor` of the answer before. */
  cursor: z.string().max(20).optional(),
  /** Seconds that a `long-poll` waits. */
  timeout: z.coerce.number().int().min(1).max(20).default(20),
});
export type ReadStream = z.infer<typeof ReadStream>;

export const streamsApi = api('/streams', {
  read: feed('/:stream', {
    permission: 'account.use',
    apiKey: true,
    params: z.object({ stream: z.string().min(1).max(160) }),
    query: ReadStream,
    returns: z.array(StreamEvent),
    headers: {
      'Stream-Next-Offset': 'Send it as `offset` to read on.',
      'Stream-Up-To-Date': '`true` when nothing more is there; absent when the next part can be read at once.',
      'Stream-Cursor': 'Send it as `cursor` of the next live request.',
    },
    errors: ['OFFSET_GONE', 'TOO_MANY_READERS'],
    summary:
      'Read a live stream over HTTP: what came after an offset, and with `live` what comes next. The read side of ' +
      'Durable Streams: at most 300 events an answer; `long-poll` waits up to `timeout` seconds and answers 204 when nothing came; ' +
      '`sse` sends `data` and `control` events for up to a minute. A `latest` stream has no past: its offset only ' +
      'says which values a live request has seen',
  }),
});

export const streamsContract = contract({
  name: 'streams',
  api: streamsApi,
  errors: errors({
    OFFSET_GONE: {
      status: 410,
      title: 'Offset gone',
      help: 'Events after this offset are not kept any more, or the stream began anew. Read the list or board again, and the stream from `now`.',
    },
    TOO_MANY_READERS: {
      status: 503,
      title: 'Too many waiting readers',
      help: 'Wait `retryAfterMs`, then read again; end waiting requests that you do not need. A socket has no such bound.',
    },
  }),
});
