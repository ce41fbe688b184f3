import { type StreamClass, streamName } from '@loro/contracts/kit/live';
import type { Subscribe, Subscribed } from '@loro/contracts/kit/session';
import type { Socket } from 'socket.io';
import type { Actor } from '../actor';
import type { AuthPorts } from '../auth/ports';
import { HubError, toProblem } from '../errors';
import type { Head, StreamLog, WireEvent } from '../outbox/stream-log';
import { type Hearer, type StreamDefinition, StreamDirectory } from './directory';
import { STREAMS_PER_CONNECTION } from './limits';
import type { LiveNamespace } from './namespace';
import type { Session } from './session';

export interface Joined {
  readonly stream: string;
  readonly class: StreamClass;
  readonly epoch?: string;
  readonly n?: number;
}

type Answer = Subscribed['streams'][number];

/** Subscribing to the streams of one namespace. */
export class NamespaceStreams {
  private readonly directory: StreamDirectory;
  private readonly auto: LiveNamespace['auto'][];

  constructor(
    parts: readonly LiveNamespace[],
    private readonly log: StreamLog,
    ports: AuthPorts,
  ) {
    this.auto = parts.map((part) => part.auto);
    this.directory = new StreamDirectory(parts, ports);
  }

  /** Joins the actor's own streams and tells where they stand. */
  async joinOwn(socket: Socket, hearer: Hearer): Promise<Joined[]> {
    const { actor } = hearer;
    const own: { stream: string; found: StreamDefinition }[] = [];
    for (const [kind, id] of this.auto.flatMap((auto) => auto(actor))) {
      const found = this.directory.kind(kind);
      if (found && (await this.directory.isOpen(hearer, found)))
        own.push({ stream: streamName(actor.orgId, kind, id), found });
    }
    await socket.join(own.map(({ stream }) => stream));
    // Heads are read after joining: an event in between arrives live and is told from the head by its number.
    const logs = own.filter(({ found }) => found.class === 'log').map(({ stream }) => stream);
    const heads = new Map((await this.log.openHeads(logs)).map((head) => [head.stream, head]));
    return own.map(({ stream, found }) => joined(stream, found.class, heads.get(stream)));
  }

  async subscribe(socket: Socket, session: Session, { streams }: Subscribe, requestId: string): Promise<Answer[]> {
    return Promise.all(
      streams.map(async ({ stream, after }): Promise<Answer> => {
        try {
          return await this.subscribeOne(socket, session, stream, after);
        } catch (error) {
          return { stream, error: toProblem(error, 'stream:subscribe', requestId) };
        }
      }),
    );
  }

  /** Streams of `rooms` that somebody may no longer hear. */
  async lost(hearer: Hearer, rooms: Iterable<string>): Promise<string[]> {
    const gone: string[] = [];
    for (const room of rooms) if (room.includes(':') && !(await this.directory.mayHear(hearer, room))) gone.push(room);
    return gone;
  }

  /** The last value of every key of a `latest` stream, for somebody who hears it. */
  async latest(actor: Actor, stream: string): Promise<WireEvent[]> {
    const found = this.directory.find(actor, stream);
    return (await found?.source.latest?.(actor, found.id)) ?? [];
  }

  private async subscribeOne(
    socket: Socket,
    session: Session,
    stream: string,
    after: { epoch: string; n: number } | undefined,
  ): Promise<Answer> {
    const { actor, sockets } = session;
    const found = await this.directory.open(session, stream);

    const followed = sockets.reduce((sum, { rooms }) => sum + rooms.size - 1, 0);
    if (followed >= STREAMS_PER_CONNECTION && !socket.rooms.has(stream))
      throw new HubError('TOO_MANY_STREAMS', `A connection follows at most ${STREAMS_PER_CONNECTION} streams.`);
    // Join first: what is published from here on arrives live, what was before is read below.
    await socket.join(stream);
    if (found.class === 'latest')
      return { stream, class: 'latest', events: (await found.source.latest?.(actor, found.id)) ?? [] };
    const { head, recovered, reason, events, more } = await this.log.resume(stream, after);
    return {
      stream,
      class: 'log',
      epoch: head.epoch,
      n: head.n,
      recovered,
      ...(reason !== undefined && { reason }),
      events,
      more,
    };
  }
}

const joined = (stream: string, streamClass: StreamClass, head: Head | undefined): Joined =>
  head ? { stream, class: streamClass, epoch: head.epoch, n: head.n } : { stream, class: streamClass };
