import { Readable } from 'node:stream';
import { type ReadStream, streamsApi, streamsContract } from '@loro/contracts/streams';
import type { Actor } from '../actor';
import type { AccessToken } from '../auth/ports';
import { HubError } from '../errors';
import { defineModule, type Hub } from '../hub';
import { StreamDirectory } from '../live/directory';
import { type Feed, routes } from './routes';
import { badQuery, cursorAfter } from './stream-offset';
import { LatestParts, LogParts, type Part, type StreamParts } from './stream-parts';
import { type Reader, StreamReaders } from './stream-readers';
import { StreamTail } from './stream-tail';

const SSE_MS = 60_000;
const HEARTBEAT_MS = 15_000;
const JSON_TYPE = 'application/json; charset=utf-8';

interface ReadRequest {
  readonly actor: Actor;
  readonly token: AccessToken;
  readonly stream: string;
  readonly query: ReadStream;
  readonly isHead: boolean;
  readonly closed: AbortSignal;
}

/** The read side of Durable Streams over the same log, the same permissions and the same parts as the sockets. */
class StreamsService {
  private readonly waiting: StreamTail;
  private directory: StreamDirectory;
  private readers: StreamReaders | undefined;

  constructor(private readonly hub: Hub) {
    this.waiting = new StreamTail(hub.streams, hub.log);
    this.directory = new StreamDirectory([], hub.ports);
  }

  start(): void {
    const parts = this.hub.modules.flatMap((module) => module.live?.(this.hub.use(module)) ?? []);
    this.directory = new StreamDirectory(parts, this.hub.ports);
    const readers = new StreamReaders(this.hub, this.directory);
    this.readers = readers;
    this.hub.shutdown.begun.addEventListener('abort', () => readers.stop());
    this.hub.delivery.onSent((stream, n) => this.waiting.sent(stream, n));
  }

  async read({ actor, token, stream, query, isHead, closed }: ReadRequest): Promise<Feed> {
    const found = await this.directory.open({ actor, token }, stream);
    const parts =
      found.class === 'log' ? new LogParts(stream, this.hub.streams, this.waiting) : new LatestParts(actor, found);
    if (isHead)
      return {
        status: 200,
        type: JSON_TYPE,
        headers: { 'Stream-Next-Offset': await parts.tail(), 'Cache-Control': 'no-store' },
      };
    if (query.live === undefined) return this.catchUp(parts, query.offset, found.class === 'log');

    if (query.offset === undefined) throw badQuery('offset', 'is needed by a live request');
    const first = await parts.read(query.offset);
    const reader = this.readers?.admit(stream, token, closed);
    if (!reader) throw new Error('streams were read before the hub had started');
    return query.live === 'sse'
      ? this.serverSentEvents(parts, first, reader, query.cursor)
      : this.longPoll(parts, first, reader, query);
  }

  private async catchUp(parts: StreamParts, offset: string | undefined, isLog: boolean): Promise<Feed> {
    const part = await parts.read(offset);
    // Old parts never change, but whoever may no longer read them must not find them in a cache either.
    const caching: Record<string, string> =
      offset === 'now' || !isLog
        ? { 'Cache-Control': 'no-store' }
        : { 'Cache-Control': 'private, no-cache', ETag: `"${part.from}:${part.next}"` };
    return { status: 200, type: JSON_TYPE, headers: { ...headersOf(part), ...caching }, body: part.events };
  }

  private async longPoll(parts: StreamParts, first: Part, reader: Reader, query: ReadStream): Promise<Feed> {
    try {
      let part = first;
      const deadline = performance.now() + query.timeout * 1_000;
      for (
        let leftMs = query.timeout * 1_000;
        part.events.length === 0 && leftMs > 0;
        leftMs = deadline - performance.now()
      ) {
        await parts.wait(part.next, leftMs, reader.signal);
        if (reader.signal.reason instanceof HubError) throw reader.signal.reason;
        if (reader.signal.aborted) break;
        part = await parts.read(part.next);
      }
      const headers = {
        ...headersOf(part),
        'Stream-Cursor': cursorAfter(query.cursor, this.hub.now()),
        'Cache-Control': 'no-store',
      };
      if (part.events.length === 0) return { status: 204, headers };
      return { status: 200, type: JSON_TYPE, headers, body: part.events };
    } finally {
      reader.release();
    }
  }

  private serverSentEvents(parts: StreamParts, first: Part, reader: Reader, cursor: string | undefined): Feed {
    return {
      status: 200,
      type: 'text/event-stream',
      // `no-transform` and the last one keep proxies from collecting what should go out at once.
      headers: { 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no', Connection: 'close' },
      body: Readable.from(this.frames(parts, first, reader, cursor), { objectMode: false }),
    };
  }

  /** Ends after a minute, when the reader may no longer read, or where events are missing; the reader then comes back. */
  private async *frames(
    parts: StreamParts,
    first: Part,
    reader: Reader,
    sentCursor: string | undefined,
  ): AsyncGenerator<string> {
    const end = performance.now() + SSE_MS;
    let cursor = sentCursor;
    const frame = (part: Part) => {
      cursor = cursorAfter(cursor, this.hub.now());
      return frameOf(part, cursor);
    };
    try {
      let part = first;
      yield frame(part);
      while (performance.now() < end) {
        if (part.isUpToDate) await parts.wait(part.next, HEARTBEAT_MS, reader.signal);
        if (reader.signal.aborted) return;
        part = await parts.read(part.next);
        yield part.events.length > 0 ? frame(part) : ': still here\n\n';
      }
    } catch (error) {
      this.hub.log.debug({ err: error }, 'a reader of events was sent away');
    } finally {
      reader.release();
    }
  }
}

const headersOf = ({ next, isUpToDate }: Part): Record<string, string> => ({
  'Stream-Next-Offset': next,
  ...(isUpToDate && { 'Stream-Up-To-Date': 'true' }),
});

function frameOf({ events, next, isUpToDate }: Part, cursor: string): string {
  const data = events.length > 0 ? `event: data\ndata: ${JSON.stringify(events)}\n\n` : '';
  const control = { streamNextOffset: next, streamCursor: cursor, ...(isUpToDate && { upToDate: true }) };
  return `${data}event: control\ndata: ${JSON.stringify(control)}\n\n`;
}

/** Streams over HTTP: for curl, for networks without WebSocket, for pages of events that a socket only begins. */
export const streams = defineModule({
  name: 'streams',
  contract: streamsContract,
  models: [],
  service: (hub) => new StreamsService(hub),
  start: (service) => service.start(),
  routes: (service) =>
    routes(streamsApi, {
      read: ({ actor, token, params, query, isHead, closed }) =>
        service.read({ actor, token, stream: params.stream, query, isHead, closed }),
    }),
});
