import type { Meta } from '@loro/contracts/kit/live';
import { QueryTypes } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { ulid } from 'ulid';
import { dayNumber } from '../db/partitions';
import type { Effects, PendingEvent, PendingJob } from './effects';

export interface LoggedEvent extends PendingEvent {
  readonly id: string;
  readonly day: number;
  readonly epoch: string;
  readonly n: number;
  readonly at: string;
}

/** A job row; `dueAt` in milliseconds since 1970. */
export interface LoggedJob extends PendingJob {
  readonly day: number;
  readonly dueAt: number;
}

export interface Written {
  readonly events: LoggedEvent[];
  readonly jobs: LoggedJob[];
}

export interface Head {
  readonly stream: string;
  readonly epoch: string;
  readonly n: number;
}

export type WireEvent = [name: string, data: unknown, meta: Meta];

export interface Resumed {
  readonly head: Head;
  readonly recovered: boolean;
  readonly reason?: string;
  readonly events: WireEvent[];
  readonly more: boolean;
}

/** Events answered in one subscribe; the rest is asked for with the new position. */
export const RESUME_LIMIT = 300;

interface EventRow {
  stream: string;
  n: number;
  id: string;
  day: number;
  namespace: string;
  event: string;
  data: string;
  epoch: string;
  at: Date;
}

/** The truth about every `log` stream: heads that count without gaps in commit order, and the events themselves. */
export class StreamLog {
  constructor(
    private readonly sequelize: Sequelize,
    private readonly now: () => Date,
  ) {}

  /**
   * Numbers and stores the effects of a transaction; must be its last statements. Streams are locked in order of
   * their names, so two transactions cannot wait for each other in a circle.
   */
  async append(effects: Effects): Promise<Written> {
    const at = this.now();
    const day = dayNumber(at);
    const events = effects.events.length > 0 ? await this.appendEvents(effects.events, at, day) : [];
    const jobs = effects.jobs.map((job) => ({ ...job, day, dueAt: at.getTime() + job.delayMs }));
    if (jobs.length > 0)
      await this.sequelize.query(
        `INSERT INTO outbox_jobs (id, day, name, payload, attempts, due_at, created_at) VALUES ${jobs.map(() => '(?,?,?,?,?,?,?)').join(',')}`,
        {
          replacements: jobs.flatMap((job) => [
            job.id,
            day,
            job.name,
            JSON.stringify(job.payload),
            job.attempts,
            new Date(job.dueAt),
            at,
          ]),
        },
      );
    return { events, jobs };
  }

  private async appendEvents(pending: readonly PendingEvent[], at: Date, day: number): Promise<LoggedEvent[]> {
    const counts = new Map<string, number>();
    for (const { stream } of pending) counts.set(stream, (counts.get(stream) ?? 0) + 1);
    const streams = [...counts.keys()].toSorted();
    // Creates, locks and counts in one statement. FOR UPDATE followed by UPDATE deadlocks where the row is new.
    await this.sequelize.query(
      `INSERT INTO stream_heads (stream, epoch, n) VALUES ${streams.map(() => '(?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE n = n + VALUES(n)`,
      { replacements: streams.flatMap((stream) => [stream, ulid(), counts.get(stream)]) },
    );
    const heads = new Map((await this.heads(streams)).map((head) => [head.stream, head]));

    const next = new Map<string, number>();
    const events = pending.map((event) => {
      const head = heads.get(event.stream);
      if (!head) throw new Error(`stream ${event.stream} has no head`);
      const n = next.get(event.stream) ?? head.n - (counts.get(event.stream) ?? 0) + 1;
      next.set(event.stream, n + 1);
      return { ...event, id: ulid(), day, epoch: head.epoch, n, at: at.toISOString() };
    });
    await this.sequelize.query(
      `INSERT INTO stream_events (stream, n, day, id, epoch, namespace, event, data, pending, at) VALUES ${events.map(() => '(?,?,?,?,?,?,?,?,1,?)').join(',')}`,
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
        ]),
      },
    );
    return events;
  }

  /** Heads that exist; inside a transaction, as that transaction sees them. */
  async heads(streams: readonly string[]): Promise<Head[]> {
    if (streams.length === 0) return [];
    return this.sequelize.query<Head>('SELECT stream, epoch, n FROM stream_heads WHERE stream IN (:streams)', {
      type: QueryTypes.SELECT,
      replacements: { streams },
    });
  }

  /** Heads of all `streams`; those nobody has published to get their epoch now, so that a gap can be told from a start. */
  async openHeads(streams: readonly string[]): Promise<Head[]> {
    const found = await this.heads(streams);
    const known = new Set(found.map(({ stream }) => stream));
    const missing = [...new Set(streams)].filter((stream) => !known.has(stream)).toSorted();
    if (missing.length === 0) return found;
    await this.sequelize.query(
      `INSERT INTO stream_heads (stream, epoch, n) VALUES ${missing.map(() => '(?,?,0)').join(',')} ON DUPLICATE KEY UPDATE n = n`,
      { replacements: missing.flatMap((stream) => [stream, ulid()]) },
    );
    return [...found, ...(await this.heads(missing))];
  }

  /**
   * What a subscriber missed after `after`; without it, only where the stream stands. Either all that is missing
   * comes (in parts, `more`), or `recovered` is false and the caller reloads: never a hole.
   */
  async resume(stream: string, after?: { epoch: string; n: number }): Promise<Resumed> {
    const [head] = await this.openHeads([stream]);
    if (!head) throw new Error(`stream ${stream} has no head`);
    const nothing = { head, events: [], more: false };
    if (!after) return { ...nothing, recovered: true };
    if (after.epoch !== head.epoch) return { ...nothing, recovered: false, reason: 'epoch' };
    if (after.n > head.n) return { ...nothing, recovered: false, reason: 'ahead' };
    if (after.n === head.n) return { ...nothing, recovered: true };

    const rows = await this.read(stream, after.n, Math.min(head.n, after.n + RESUME_LIMIT));
    if (rows[0]?.n !== after.n + 1 || rows.at(-1)?.n !== Math.min(head.n, after.n + RESUME_LIMIT))
      return { ...nothing, recovered: false, reason: 'trimmed' };
    return { head, recovered: true, events: rows.map(toWire), more: head.n > after.n + RESUME_LIMIT };
  }

  private async read(stream: string, after: number, upTo: number): Promise<EventRow[]> {
    return this.sequelize.query<EventRow>(
      'SELECT * FROM stream_events WHERE stream = :stream AND n > :after AND n <= :upTo ORDER BY n',
      { type: QueryTypes.SELECT, replacements: { stream, after, upTo } },
    );
  }

  /** Events and jobs that were committed and, for all we know, never handed on. */
  async leftBehind(olderThan: Date, limit: number): Promise<Written> {
    const events = await this.sequelize.query<EventRow>(
      'SELECT * FROM stream_events WHERE pending = 1 AND at < :olderThan ORDER BY at LIMIT :limit',
      { type: QueryTypes.SELECT, replacements: { olderThan, limit } },
    );
    const jobs = await this.sequelize.query<{
      id: string;
      day: number;
      name: string;
      payload: string;
      attempts: number;
      due_at: Date;
    }>(
      `SELECT * FROM outbox_jobs WHERE state = 'open' AND created_at < :olderThan
       AND (handed_at IS NULL OR handed_at < :olderThan) ORDER BY created_at LIMIT :limit`,
      { type: QueryTypes.SELECT, replacements: { olderThan, limit } },
    );
    return {
      events: events.map((row) => ({
        ...row,
        data: JSON.parse(row.data),
        at: row.at.toISOString(),
      })),
      jobs: jobs.map(({ due_at: dueAt, payload, ...job }) => ({
        ...job,
        payload: JSON.parse(payload),
        delayMs: 0,
        dueAt: dueAt.getTime(),
      })),
    };
  }

  async markSent(events: readonly LoggedEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.sequelize.query('UPDATE stream_events SET pending = NULL WHERE id IN (:ids) AND day IN (:days)', {
      replacements: { ids: events.map(({ id }) => id), days: [...new Set(events.map(({ day }) => day))] },
    });
  }

  async markHanded(jobs: readonly LoggedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.sequelize.query('UPDATE outbox_jobs SET handed_at = :now WHERE id IN (:ids) AND day IN (:days)', {
      replacements: {
        now: this.now(),
        ids: jobs.map(({ id }) => id),
        days: [...new Set(jobs.map(({ day }) => day))],
      },
    });
  }

  /** Closes a job's row: its handler is done, or gave up for good. */
  async closeJob(id: string, state: 'done' | 'dead'): Promise<void> {
    await this.sequelize.query("UPDATE outbox_jobs SET state = :state WHERE id = :id AND state = 'open'", {
      replacements: { id, state },
    });
  }
}

export const metaOf = ({
  stream,
  epoch,
  n,
  id,
  at,
}: Omit<LoggedEvent, 'namespace' | 'event' | 'data' | 'day'>): Meta => ({
  stream,
  epoch,
  n,
  id,
  at,
});

const toWire = (row: EventRow): WireEvent => [
  row.event,
  JSON.parse(row.data),
  metaOf({ ...row, at: row.at.toISOString() }),
];
