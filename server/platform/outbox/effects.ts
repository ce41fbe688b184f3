import type { JobContract } from '@loro/contracts/kit/job';
import { type DataOf, type LiveContract, streamName } from '@loro/contracts/kit/live';
import { ulid } from '../ulid';
import type { z } from 'zod';
import { type Origin, origin } from '../observe/trace';
import type { JournalNote } from './journal-note';

/** Whose stream: its organisation and the id of its subject. */
export interface StreamOf {
  readonly orgId: string;
  readonly id: string;
}

export interface PendingEvent extends Origin {
  readonly namespace: string;
  readonly stream: string;
  readonly event: string;
  readonly data: unknown;
}

export interface PendingJob extends Origin {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  readonly delayMs: number;
  readonly attempts: number;
}

/** What a transaction wants to happen once it is committed; rows of the same commit until then. */
export interface After {
  /** Appends to a `log` stream: numbered, stored with the transaction, sent after it. */
  publish<L extends LiveContract, E extends keyof L['events'] & string>(
    live: L,
    event: E,
    to: StreamOf,
    data: DataOf<L, E>,
  ): void;
  /** Asks for a job; it exists if and only if the transaction commits. */
  enqueue<P extends z.ZodType>(job: JobContract<string, P>, payload: z.input<P>, options?: { delayMs?: number }): void;
  /** Tells the journal; the entry exists if and only if the transaction commits, and the other way round. */
  record(note: JournalNote): void;
}

export class Effects implements After {
  readonly events: PendingEvent[] = [];
  readonly jobs: PendingJob[] = [];
  readonly notes: JournalNote[] = [];

  record(note: JournalNote): void {
    this.notes.push(note);
  }

  publish<L extends LiveContract, E extends keyof L['events'] & string>(
    live: L,
    event: E,
    { orgId, id }: StreamOf,
    data: DataOf<L, E>,
  ): void {
    const kind = live.events[event]?.stream ?? '';
    if (live.streams[kind]?.class !== 'log') throw new Error(`${event} does not belong to a log stream`);
    this.events.push({ ...origin(), namespace: live.namespace, stream: streamName(orgId, kind, id), event, data });
  }

  enqueue<P extends z.ZodType>(
    job: JobContract<string, P>,
    payload: z.input<P>,
    { delayMs = 0 }: { delayMs?: number } = {},
  ): void {
    this.jobs.push({
      ...origin(),
      id: ulid(),
      name: job.name,
      payload: job.payload.parse(payload),
      delayMs,
      attempts: job.attempts,
    });
  }
}
