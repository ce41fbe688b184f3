import { QueryTypes, Transaction } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { dayNumber } from '../db/partitions';
import type { PendingJob } from './effects';

/** A job as it is stored; `dueAt` in milliseconds since 1970. */
export interface LoggedJob extends PendingJob {
  readonly day: number;
  readonly dueAt: number;
}

interface JobRow {
  readonly id: string;
  readonly day: number;
  readonly name: string;
  readonly payload: string;
  readonly attempts: number;
  readonly due_at: Date;
  readonly cause: string | null;
  readonly trace: string | null;
}

const COLUMNS = 'id, day, name, payload, attempts, due_at, cause, trace';
/** A job that was handed over this long ago and is still open may be lost: Bull is asked again, which knows its id. */
const REHAND_AFTER_MS = 60_000;

/** Jobs that transactions asked for. A row is open until its handler is done, or gave up for good. */
export class JobRows {
  constructor(
    private readonly sequelize: Sequelize,
    private readonly now: () => Date,
  ) {}

  /** Stores the jobs of a transaction, among its last statements. */
  async append(pending: readonly PendingJob[]): Promise<LoggedJob[]> {
    if (pending.length === 0) return [];
    const at = this.now();
    const day = dayNumber(at);
    const jobs = pending.map((job) => ({ ...job, day, dueAt: at.getTime() + job.delayMs }));
    await this.sequelize.query(
      `INSERT INTO outbox_jobs (id, day, name, payload, attempts, due_at, created_at, cause, trace)
       VALUES ${jobs.map(() => '(?,?,?,?,?,?,?,?,?)').join(',')}`,
      {
        replacements: jobs.flatMap((job) => [
          job.id,
          day,
          job.name,
          JSON.stringify(job.payload),
          job.attempts,
          new Date(job.dueAt),
          at,
          job.cause ?? null,
          job.trace ?? null,
        ]),
      },
    );
    return jobs;
  }

  /**
   * Takes open jobs that nobody has handed to Bull, and due ones that were handed over so long ago that Bull may have
   * lost them. Taken is handed: another relay passes them by, and a crash before the handing is the second kind.
   */
  async take(olderThan: Date, limit: number): Promise<LoggedJob[]> {
    const now = this.now();
    const soon = new Date(now.getTime() + REHAND_AFTER_MS);
    const stale = new Date(now.getTime() - REHAND_AFTER_MS);
    return this.sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.READ_COMMITTED }, async () => {
      const select = (where: string, replacements: Record<string, unknown>) =>
        this.sequelize.query<JobRow>(
          `SELECT ${COLUMNS} FROM outbox_jobs WHERE state = 'open' AND ${where} LIMIT :limit FOR UPDATE SKIP LOCKED`,
          { type: QueryTypes.SELECT, replacements: { ...replacements, limit } },
        );
      const rows = [
        ...(await select('handed_at IS NULL AND created_at < :olderThan ORDER BY created_at', { olderThan })),
        ...(await select('due_at < :soon AND handed_at < :stale ORDER BY handed_at', { soon, stale })),
      ];
      const jobs = rows.map(toLogged);
      await this.markHanded(jobs);
      return jobs;
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

  /** Bull has forgotten everything: every open job is to be handed over again. */
  async unhandAll(): Promise<void> {
    await this.sequelize.query("UPDATE outbox_jobs SET handed_at = NULL WHERE state = 'open'");
  }

  /** Closes a job's row: its handler is done, or gave up for good. */
  async close(id: string, state: 'done' | 'dead'): Promise<void> {
    await this.sequelize.query("UPDATE outbox_jobs SET state = :state WHERE id = :id AND state = 'open'", {
      replacements: { id, state },
    });
  }
}

const toLogged = ({ due_at: dueAt, payload, cause, trace, ...row }: JobRow): LoggedJob => ({
  ...row,
  payload: JSON.parse(payload),
  delayMs: 0,
  dueAt: dueAt.getTime(),
  ...(cause !== null && { cause }),
  ...(trace !== null && { trace }),
});
