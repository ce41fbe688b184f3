import type { AuthChange } from '../auth/changes';
import type { AccessToken } from '../auth/ports';
import { HubError, NotFound, Unauthenticated, Unavailable } from '../errors';
import type { Hub } from '../hub';
import type { StreamDirectory } from '../live/directory';

const MAX_READERS = 1_000;
const MAX_OF_USER = 20;
/** Longer than any live request lasts. */
const HORIZON_MS = 120_000;

/** A request that waits for events, and may do so as long as its token and the rights behind it last. */
export interface Reader {
  readonly signal: AbortSignal;
  release(): void;
}

interface OpenReader extends Reader {
  readonly token: AccessToken;
  readonly stream: string;
  readonly end: (why?: HubError) => void;
}

/** Everybody who waits for events over HTTP on this node: a bounded number, ended where a socket would be. */
export class StreamReaders {
  private readonly open = new Set<OpenReader>();

  constructor(
    private readonly hub: Hub,
    private readonly directory: StreamDirectory,
  ) {
    hub.changes.onChange((change) => void this.onChange(change));
  }

  /**
   * Takes a reader in. Its signal ends with the connection, the token, the session, the right to hear the stream, or the
   * node; the signal's reason is the error to answer, if there is one.
   * @throws Unavailable TOO_MANY_READERS
   */
  admit(stream: string, token: AccessToken, closed: AbortSignal): Reader {
    const ofUser = [...this.open].filter((reader) => reader.token.userId === token.userId).length;
    if (this.open.size >= MAX_READERS || ofUser >= MAX_OF_USER)
      throw new Unavailable('TOO_MANY_READERS', 'Too many requests wait for events.', { retryAfterMs: 5_000 });

    const controller = new AbortController();
    const end = (why?: HubError) => controller.abort(why ?? null);
    const lifeMs = token.expiresAt.getTime() - this.hub.now().getTime();
    const expiry = setTimeout(
      () => end(new Unauthenticated('TOKEN_EXPIRED', 'The access token has run out.')),
      Math.min(Math.max(0, lifeMs), HORIZON_MS),
    );
    const release = () => {
      clearTimeout(expiry);
      closed.removeEventListener('abort', leave);
      this.open.delete(reader);
    };
    const leave = () => {
      end();
      release();
    };
    const reader: OpenReader = { token, stream, end, signal: controller.signal, release };
    this.open.add(reader);
    closed.addEventListener('abort', leave);
    if (closed.aborted) leave();
    if (this.hub.shutdown.isUnderWay) end();
    return reader;
  }

  /** Sends everybody away, to come back elsewhere. */
  stop(): void {
    for (const reader of this.open) reader.end();
  }

  private async onChange({ orgId, userId, sessionId }: AuthChange): Promise<void> {
    for (const { token, stream, end } of this.open) {
      if (token.orgId !== orgId || (userId !== null && token.userId !== userId)) continue;
      if (sessionId !== null) {
        if (token.sessionId === sessionId)
          end(new Unauthenticated('SESSION_REVOKED', 'This session was ended. Please sign in again.'));
        continue;
      }
      try {
        const actor = await this.hub.authenticator.actorOf(token);
        if (!(await this.directory.mayHear({ actor, token }, stream))) end(new NotFound('This stream'));
      } catch (error) {
        end(error instanceof HubError ? error : new Unavailable('DEPENDENCY_DOWN', 'Rights could not be read.'));
      }
    }
  }
}
