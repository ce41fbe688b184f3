import { QueryTypes, Transaction } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { ulid } from '../ulid';
import { dayNumber } from '../db/partitions';
import type { PendingEvent } from './effects';
import { type EventRow, type Head, type LoggedEvent, toLogged, toWire, type WireEvent } from './events';
import type { HotLog } from './hot-log';
import { StreamHeads } from './stream-heads';

export type { Head, WireEvent } from './events';

export interface Resumed {
  readonly head: Head;
  readonly recovered: boolean;
  readonly reason?: 'epoch' | 'ahead' | 'trimmed';
  readonly events: WireEvent[];
  readonly more: boolean;
}

/** Where the missed events came from, or why they did not come. */
export type ResumeOutcome = 'hot' | 'mysql' | 'current' | 'epoch' | 'trimmed' | 'ahead';

/** Events answered in one subscribe; the rest is asked for with the new position. */
export const RESUME_LIMIT = 300;

/** The truth about every `log` stream: heads that count without gaps in commit order, and the events themselves. */
export class StreamLog {
  private readonly states: StreamHeads;

  constructor(
    private readonly sequelize: Sequelize,
    private readonly options: {
      readonly hot: HotLog;
      readonly now: () => Date;
      readonly onResume: (outcome: ResumeOutcome) => void;
    },
  ) {
    this.states = new StreamHeads(sequelize);
  }

  /** Numbers and stores the events of a transaction, among its last statements. */
  async append(pending: readonly PendingEvent[]): Promise<LoggedEvent[]> {
    if (pending.length === 0) return [];
    const at = this.options.now();
    const day = dayNumber(at);
    const counts = new Map<string, number>();
    for (const { stream } of pending) counts.set(stream, (counts.get(stream) ?? 0) + 1);
    const heads = await this.states.advance(counts);

    const next = new Map<string, number>();
    const events = pending.map((event) => {
      const head = heads.get(event.stream);
      if (!head) throw new Error(`stream ${event.stream} has no head`);
      const n = next.get(event.stream) ?? head.n - (counts.get(event.stream) ?? 0) + 1;
      next.set(event.stream, n + 1);
      return { ...event, id: ulid(), day, epoch: head.epoch, n, at: at.toISOString() };
    });
    await this.sequelize.query(
      `INSERT INTO stream_events (stream, n, day, id, epoch, namespace, event, data, pending, at, cause, trace)
       VALUES ${events.map(() => '(?,?,?,?,?,?,?,?,1,?,?,?)').join(',')}`,
      {
        replacements: events.flatMap((event) => [
          event.stream,
          event.n,
          day,
          event.id,
          event.epoch,
          event.namespace,
          event.event,
          JSON.stringify(event.data),
          at,
          event.cause ?? null,
          event.trace ?? null,
        ]),
      },
    );
    return events;
  }

  /** Heads that exist; inside a transaction, as that transaction sees them. */
  heads(streams: readonly string[]): Promise<Head[]> {
    return this.states.read(streams);
  }

  /** Heads of all `streams`; those nobody has published to get their epoch now. */
  openHeads(streams: readonly string[]): Promise<Head[]> {
    return this.states.open(streams);
  }

  /** See `StreamHeads.renew`. */
  renew(head: Omit<Head, 'n'>, seen: number | 'now'): Promise<Head | null> {
    return this.states.renew(head, seen);
  }

  /** Where the stream stands. */
  async head(stream: string): Promise<Head> {
    const [head] = await this.openHeads([stream]);
    if (!head) throw new Error(`stream ${stream} has no head`);
    return head;
  }

  /**
   * What a subscriber missed after `after`; without it, only where the stream stands. Either all that is missing
   * comes (in parts, `more`), or `recovered` is false and the caller reloads: never a hole.
   */
  async resume(stream: string, after?: { epoch: string; n: number }): Promise<Resumed> {
    const head = await this.head(stream);
    if (!after) return { head, recovered: true, events: [], more: false };
    const { outcome, ...resumed } = await this.resumeAfter(head, after);
    this.options.onResume(outcome);
    return resumed;
  }

  private async resumeAfter(
    head: Head,
    after: { epoch: string; n: number },
  ): Promise<Resumed & { outcome: ResumeOutcome }> {
    const lost = (reason: NonNullable<Resumed['reason']>, now = head) => ({
      head: now,
      recovered: false,
      reason,
      outcome: reason,
      events: [],
      more: false,
    });
    if (after.epoch !== head.epoch) return lost('epoch');
    if (after.n > head.n) return lost('ahead', await this.renewIfBehind(head));
    if (after.n === head.n) return { head, recovered: true, outcome: 'current', events: [], more: false };

    const upTo = Math.min(head.n, after.n + RESUME_LIMIT);
    const more = upTo < head.n;
    const hot = await this.options.hot.range(head, after.n, upTo);
    if (hot) return { head, recovered: true, outcome: 'hot', events: hot, more };
    const events = await this.read(head, after.n, upTo);
    if (events.length !== upTo - after.n) return lost('trimmed');
    return { head, recovered: true, outcome: 'mysql', events, more };
  }

  /** A position from the future is a client's claim and proves nothing; the hot log's own memory does. */
  private async renewIfBehind(head: Head): Promise<Head> {
    const seen = await this.options.hot.last(head);
    return (seen > head.n && (await this.renew(head, seen))) || head;
  }

  /** The number before the first event of the head's epoch that is kept. */
  async beforeFirst({ stream, epoch, n }: Head): Promise<number> {
    const [first] = await this.sequelize.query<{ n: number }>(
      'SELECT n FROM stream_events WHERE stream = :stream AND epoch = :epoch ORDER BY n LIMIT 1',
      { type: QueryTypes.SELECT, replacements: { stream, epoch } },
    );
    return first ? Math.min(first.n - 1, n) : n;
  }

  private async read({ stream, epoch }: Head, after: number, upTo: number): Promise<WireEvent[]> {
    const rows = await this.sequelize.query<EventRow>(
      `SELECT * FROM stream_events
       WHERE stream = :stream AND epoch = :epoch AND n > :after AND n <= :upTo ORDER BY n`,
      { type: QueryTypes.SELECT, replacements: { stream, epoch, after, upTo } },
    );
    return rows.map((row) => toWire(toLogged(row)));
  }

  /**
   * Sends events that were committed and, for all we know, never sent. They stay locked meanwhile, and a second relay
   * passes them by.
   * @returns how many
   */
  async resend(olderThan: Date, limit: number, send: (events: LoggedEvent[]) => void): Promise<number> {
    // At READ COMMITTED only the rows are locked, and not the gaps in which publishers insert.
    return this.sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.READ_COMMITTED }, async () => {
      const rows = await this.sequelize.query<EventRow>(
        `SELECT * FROM stream_events WHERE pending = 1 AND at < :olderThan
         ORDER BY at, stream, n LIMIT :limit FOR UPDATE SKIP LOCKED`,
        { type: QueryTypes.SELECT, replacements: { olderThan, limit } },
      );
      const events = rows.map(toLogged);
      send(events);
      await this.markSent(events);
      return events.length;
    });
  }

  async markSent(events: readonly LoggedEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.sequelize.query('UPDATE stream_events SET pending = NULL WHERE id IN (:ids) AND day IN (:days)', {
      replacements: { ids: events.map(({ id }) => id), days: [...new Set(events.map(({ day }) => day))] },
    });
  }
}
