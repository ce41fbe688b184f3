import { type StreamClass, streamName } from '@loro/contracts/kit/live';
import type { Permission } from '@loro/contracts/catalog';
import type { Subscribe, Subscribed } from '@loro/contracts/kit/session';
import type { Socket } from 'socket.io';
import type { Actor } from '../actor';
import { allow, may } from '../auth/ports';
import { NotFound, toProblem } from '../errors';
import type { Head, StreamLog } from '../outbox/stream-log';
import type { LiveNamespace, StreamSource } from './namespace';

interface Found {
  readonly class: StreamClass;
  readonly permission: Permission;
  readonly source: StreamSource;
  readonly id: string;
}

export interface Joined {
  readonly stream: string;
  readonly class: StreamClass;
  readonly epoch?: string;
  readonly n?: number;
}

type Answer = Subscribed['streams'][number];

/** Subscribing to the streams of one namespace. */
export class NamespaceStreams {
  private readonly kinds = new Map<string, Omit<Found, 'id'>>();
  private readonly auto: LiveNamespace['auto'][];

  constructor(
    parts: readonly LiveNamespace[],
    private readonly log: StreamLog,
  ) {
    this.auto = parts.map((part) => part.auto);
    for (const { contract, streams } of parts)
      for (const [kind, { class: streamClass, permission }] of Object.entries(contract.streams)) {
        const source = streams[kind];
        // The boot has checked that every permission named in a contract is registered.
        if (source) this.kinds.set(kind, { class: streamClass, permission: permission as Permission, source });
      }
  }

  /** Joins the actor's own streams and tells where they stand. */
  async joinOwn(socket: Socket, actor: Actor): Promise<Joined[]> {
    const own = this.auto
      .flatMap((auto) => auto(actor))
      .flatMap(([kind, id]) => {
        const found = this.kinds.get(kind);
        return found && actor.grants.has(found.permission)
          ? [{ stream: streamName(actor.orgId, kind, id), found }]
          : [];
      });
    await socket.join(own.map(({ stream }) => stream));
    // Heads are read after joining: an event in between arrives live and is told from the head by its number.
    const logs = own.filter(({ found }) => found.class === 'log').map(({ stream }) => stream);
    const heads = new Map((await this.log.openHeads(logs)).map((head) => [head.stream, head]));
    return own.map(({ stream, found }) => joined(stream, found.class, heads.get(stream)));
  }

  async subscribe(socket: Socket, actor: Actor, { streams }: Subscribe, requestId: string): Promise<Answer[]> {
    return Promise.all(
      streams.map(async ({ stream, after }): Promise<Answer> => {
        try {
          return await this.subscribeOne(socket, actor, stream, after);
        } catch (error) {
          return { stream, error: toProblem(error, 'stream:subscribe', requestId) };
        }
      }),
    );
  }

  /** Streams of `rooms` that the actor may no longer hear. */
  async lost(actor: Actor, rooms: Iterable<string>): Promise<string[]> {
    const gone: string[] = [];
    for (const room of rooms) {
      if (!room.includes(':')) continue;
      const found = this.find(actor, room);
      const subject = found && (await found.source.subject(actor, found.id));
      if (!found || !subject || !may(actor, found.permission, subject)) gone.push(room);
    }
    return gone;
  }

  private async subscribeOne(
    socket: Socket,
    actor: Actor,
    stream: string,
    after: { epoch: string; n: number } | undefined,
  ): Promise<Answer> {
    const found = this.find(actor, stream);
    const subject = found && (await found.source.subject(actor, found.id));
    if (!found || !subject) throw new NotFound('This stream');
    allow(actor, found.permission, { ...subject, what: 'This stream' });

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

  private find(actor: Actor, stream: string): Found | null {
    const [orgId, kind = '', id = '', ...rest] = stream.split(':');
    const found = this.kinds.get(kind);
    // Another organisation's stream is not there, whatever its kind.
    if (!found || orgId !== actor.orgId || id === '' || rest.length > 0) return null;
    return { ...found, id };
  }
}

const joined = (stream: string, streamClass: StreamClass, head: Head | undefined): Joined =>
  head ? { stream, class: streamClass, epoch: head.epoch, n: head.n } : { stream, class: streamClass };
