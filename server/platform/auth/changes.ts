import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { QueryTypes } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { ulid } from '../ulid';

/**
 * A session ended (`sessionId`), what a person may do changed (`sessionId` null), or what everybody of the organisation
 * may do did (`userId` null too).
 */
export interface AuthChange {
  readonly id: string;
  readonly orgId: string;
  readonly userId: string | null;
  readonly sessionId: string | null;
}

const POLL_MS = 1_000;
// Rows become visible when their transaction commits, which can be well after their instant. Looking back this far
// each time and remembering what was seen misses nothing that commits within it.
const LOOK_BACK_MS = 15_000;

export interface Pokes {
  /** Runs `act` when the transaction that the caller stands in has committed. */
  readonly afterCommit: (act: () => void) => void;
  readonly redis: Redis;
  readonly subscriber: Redis;
  readonly channel: string;
}

/** Spreads ended sessions and changed rights to every node: rows in MySQL, read every second, sooner on a poke. */
export class AuthChanges {
  private readonly listeners: ((change: AuthChange) => void)[] = [];
  private readonly seen = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private reading = false;
  private readAt = 0;

  constructor(
    private readonly sequelize: Sequelize,
    private readonly now: () => Date,
    private readonly log: Logger,
    private readonly pokes: Pokes,
  ) {}

  /** Records the change in the caller's transaction, and tells every node to look once it is committed. */
  async record(change: Omit<AuthChange, 'id'>): Promise<void> {
    await this.sequelize.query(
      'INSERT INTO auth_changes (id, org_id, user_id, session_id, at) VALUES (?, ?, ?, ?, ?)',
      { replacements: [ulid(), change.orgId, change.userId, change.sessionId, this.now()] },
    );
    this.pokes.afterCommit(() => this.poke());
  }

  onChange(listener: (change: AuthChange) => void): void {
    this.listeners.push(listener);
  }

  /** Tells this process alone: of what follows here from a change that every process hears of by itself. */
  tell(change: AuthChange): void {
    for (const listener of this.listeners) listener(change);
  }

  /** Reads back as far as an access token can live, so that a restart does not revive an ended session. */
  async start(): Promise<void> {
    await this.read(15 * 60_000);
    this.timer = setInterval(() => void this.read(), POLL_MS);
    const { subscriber, redis, channel } = this.pokes;
    subscriber.on('message', (from: string) => void (from === channel && this.read()));
    // What was poked while Redis was away is looked for when it is back.
    redis.on('ready', () => void this.read());
    subscriber.subscribe(channel).catch((error: unknown) => this.log.warn({ err: error }, 'pokes will not be heard'));
  }

  // Losing it costs a part of the second until the next look.
  private poke(): void {
    const { redis, channel } = this.pokes;
    if (redis.status === 'ready') redis.publish(channel, '').catch(() => {});
  }

  /** How old the newest look is, in milliseconds. */
  ageMs(): number {
    return performance.now() - this.readAt;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Reads what is new. Called by the timer, and at once where a change was just made on this node. */
  async read(lookBackMs = LOOK_BACK_MS): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    const startedAt = performance.now();
    try {
      const since = new Date(this.now().getTime() - lookBackMs);
      const rows = await this.sequelize.query<AuthChange>(
        'SELECT id, org_id AS orgId, user_id AS userId, session_id AS sessionId FROM auth_changes WHERE at >= :since ORDER BY at, id',
        { type: QueryTypes.SELECT, replacements: { since } },
      );
      const now = this.now().getTime();
      for (const row of rows) {
        if (this.seen.has(row.id)) continue;
        this.seen.set(row.id, now);
        for (const listener of this.listeners) listener(row);
      }
      this.readAt = startedAt;
      for (const [id, at] of this.seen) if (at < now - 2 * 15 * 60_000) this.seen.delete(id);
    } catch (error) {
      this.log.warn({ err: error }, 'reading changes of rights failed, will repeat');
    } finally {
      this.reading = false;
    }
  }
}
