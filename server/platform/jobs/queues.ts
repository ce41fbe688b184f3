import Bull from 'bull';
import type { Logger } from 'pino';
import { connectRedis } from '../redis';
import type { Origin } from '../observe/trace';
import type { LoggedJob } from '../outbox/job-rows';

interface Poke {
  readonly poke: true;
}

export type JobEnvelope = (Origin & { readonly row: string; readonly payload: unknown }) | Poke;

/** Bull's queues, one a room; nobody else speaks to Bull. */
export class JobQueues {
  private readonly queues = new Map<string, Bull.Queue<JobEnvelope>>();
  private readonly shared = new Map<string, ReturnType<typeof connectRedis>>();
  private readonly blocking: ReturnType<typeof connectRedis>[] = [];
  private closing = false;

  constructor(
    private readonly redisUrl: string,
    private readonly prefix: string,
    private readonly log: Logger,
  ) {}

  /** Hands a committed job over. Its row's id is the job's, so a second time is ignored while the first lives. */
  async add(job: LoggedJob): Promise<void> {
    const { id, payload, cause, trace } = job;
    await this.of(job.name).add(
      job.name,
      { row: id, payload, ...(cause !== undefined && { cause }), ...(trace !== undefined && { trace }) },
      {
        jobId: id,
        delay: Math.max(0, job.dueAt - Date.now()),
        attempts: job.attempts,
        backoff: { type: 'exponential', delay: 1_000 },
        removeOnComplete: true,
        removeOnFail: 1_000,
      },
    );
  }

  /**
   * Says once that the queues hold nothing of what was handed to them: at the first start, and when Redis lost its data.
   * Waits while Redis is away.
   */
  async areNew(): Promise<boolean> {
    return (await this.client('client').set(`${this.prefix}:bull:kept`, '1', 'NX')) === 'OK';
  }

  /** A job that only says "look now": not stored, at most one in each `everyMs`, lost without harm. */
  async poke(name: string, everyMs: number): Promise<void> {
    const slot = Math.floor(Date.now() / everyMs);
    await this.of(name).add(
      name,
      { poke: true },
      { jobId: `poke:${name}:${slot}`, removeOnComplete: true, removeOnFail: true },
    );
  }

  /** The queue that a job named `room.verb-noun` waits in. */
  of(jobName: string): Bull.Queue<JobEnvelope> {
    const room = jobName.split('.')[0] ?? jobName;
    let queue = this.queues.get(room);
    if (!queue) {
      queue = new Bull<JobEnvelope>(room, {
        prefix: `${this.prefix}:bull`,
        createClient: (type) => this.client(type),
        settings: { stalledInterval: 5_000, maxStalledCount: 10, lockDuration: 15_000 },
      });
      queue.on('error', (error: Error) => {
        if (!this.closing) this.log.warn({ err: error, queue: room }, 'queue failed, bull will repeat');
      });
      this.queues.set(room, queue);
    }
    return queue;
  }

  async counts(): Promise<{ queue: string; waiting: number; active: number; delayed: number; failed: number }[]> {
    return Promise.all(
      [...this.queues].map(async ([queue, bull]) => {
        const { waiting, active, delayed, failed } = await bull.getJobCounts();
        return { queue, waiting, active, delayed, failed };
      }),
    );
  }

  /** Waits for running jobs at most as long as Bull does; unfinished ones are given back by their lock's end. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.allSettled([...this.queues.values()].map((queue) => queue.close()));
    // Bull connects a blocking client again on its way out, and leaves it so.
    for (const client of [...this.shared.values(), ...this.blocking]) client.disconnect();
  }

  // Bull blocks on `bclient`, so each queue needs its own; the other two can be shared.
  private client(type: 'client' | 'subscriber' | 'bclient'): ReturnType<typeof connectRedis> {
    if (type === 'bclient') {
      const blocking = connectRedis(this.redisUrl, this.log);
      this.blocking.push(blocking);
      return blocking;
    }
    let client = this.shared.get(type);
    if (!client) {
      client = connectRedis(this.redisUrl, this.log);
      // Every queue listens to it, and there are more queues than listeners are usual.
      client.setMaxListeners(0);
      this.shared.set(type, client);
    }
    return client;
  }
}
