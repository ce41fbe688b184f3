import type { JobContract } from '@loro/contracts/kit/job';
import type { Logger } from 'pino';
import type { z } from 'zod';

export interface JobContext {
  readonly log: Logger;
  /** 1 at the first try. */
  readonly attempt: number;
  readonly lastAttempt: boolean;
}

export interface JobHandler {
  readonly job: JobContract;
  run(payload: unknown, context: JobContext): Promise<void>;
}

/** Ties a job's row in the contract to a verb. The verb must bear running twice. */
export const handle = <P extends z.ZodType>(
  job: JobContract<string, P>,
  run: (payload: z.output<P>, context: JobContext) => Promise<void>,
): JobHandler => ({ job, run: (payload, context) => run(job.payload.parse(payload), context) });
