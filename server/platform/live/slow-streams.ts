import type { Logger } from 'pino';
import type { Socket } from 'socket.io';
import type { Metrics } from '../observe/metrics';
import type { Connection, Skipped } from './fast';
import type { Session } from './session';
import type { Sessions } from './sessions';
import type { NamespaceStreams } from './streams';

/** What becomes of sessions whose reader does not drain. */
export class SlowStreams {
  constructor(
    private readonly sessions: Sessions,
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {}

  /** Drained again: the newest value of every key of each stream that was skipped, and how many were skipped. */
  readonly onRecovered = (connection: Connection, skipped: readonly Skipped[]): void => {
    this.withSession(connection, async (session) => {
      for (const { namespace, stream, count } of skipped) {
        const socket = session.sockets.find(({ nsp }) => nsp.name === namespace);
        if (socket?.rooms.has(stream)) await this.repeat(socket, session, stream, count);
      }
    });
  };

  /** Too far behind on events that may not be skipped: it comes back and resumes. */
  readonly onEnded = (connection: Connection, bytes: number): void => {
    this.metrics.slowClosed.inc();
    this.withSession(connection, async (session) => {
      this.log.info({ userId: session.actor.userId, bytes }, 'a connection did not drain and was ended');
      session.end({ code: 'SLOW_CONSUMER', reconnect: true });
    });
  };

  private async repeat(socket: Socket, { actor }: Session, stream: string, skipped: number): Promise<void> {
    const { streams } = socket.data as { streams: NamespaceStreams };
    for (const [name, data, meta] of await streams.latest(actor, stream)) socket.emit(name, data, { ...meta, skipped });
  }

  private withSession(connection: Connection, act: (session: Session) => Promise<void>): void {
    this.sessions
      .known(connection)
      ?.then(act)
      .catch((error: unknown) => this.log.debug({ err: error }, 'a slow connection is gone'));
  }
}
