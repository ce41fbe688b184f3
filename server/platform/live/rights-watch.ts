import type { Logger } from 'pino';
import type { Authenticator } from '../auth/authenticator';
import type { AuthChange } from '../auth/changes';
import type { AuthPorts } from '../auth/ports';
import { HubError } from '../errors';
import type { Session } from './session';
import type { Sessions } from './sessions';
import type { NamespaceStreams } from './streams';

const AT_ONCE = 8;

interface RightsWatchOptions {
  readonly authenticator: Authenticator;
  readonly ports: AuthPorts;
  readonly log: Logger;
}

/** Makes the open connections of this node obey what changed of sessions, rights and licences. */
export class RightsWatch {
  constructor(
    private readonly sessions: Sessions,
    private readonly options: RightsWatchOptions,
  ) {}

  async heard({ orgId, userId, sessionId }: AuthChange): Promise<void> {
    if (userId === null) return this.recheckAll(this.sessions.ofOrganisation(orgId));
    const sessions = Array.from(this.sessions.ofUser(userId)).filter(({ token }) => token.orgId === orgId);
    if (sessionId === null) return this.recheckAll(sessions);
    for (const session of sessions)
      if (session.token.sessionId === sessionId) session.end({ code: 'SESSION_REVOKED', reconnect: false });
  }

  /** A few side by side: thousands at once would take the database from everybody else. */
  private async recheckAll(sessions: Session[]): Promise<void> {
    const left = sessions.values();
    const work = async () => {
      for (const session of left) await this.recheck(session);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  private async recheck(session: Session): Promise<void> {
    const { authenticator, ports, log } = this.options;
    const { token } = session;
    try {
      session.actor = await authenticator.actorOf(token);
      await ports.connect(session.actor, token);
      await dropLost(session);
    } catch (error) {
      log.info({ err: error, userId: token.userId }, 'what a connection stood on is gone, it was ended');
      const code = error instanceof HubError && error.status === 402 ? error.code : 'UNAUTHENTICATED';
      session.end({ code, reconnect: false });
    }
  }
}

/** Leaves the streams that the session may no longer hear. */
export async function dropLost(session: Session): Promise<string[]> {
  const lost: string[] = [];
  // A copy: one may disconnect while another is looked at.
  for (const socket of Array.from(session.sockets)) {
    const { streams } = socket.data as { streams: NamespaceStreams };
    for (const stream of await streams.lost(session, socket.rooms)) {
      await socket.leave(stream);
      socket.emit('stream:ended', { stream, code: 'FORBIDDEN' });
      lost.push(stream);
    }
  }
  return lost;
}
