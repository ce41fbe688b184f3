import type { Job } from 'bull';
import { causedBy, type Hub, type JobHandler, traced } from '../server/platform';
import type { JobEnvelope } from '../server/platform/jobs/queues';

const AT_ONCE = 4;

/** Binds every queue to the rooms' handlers. A job's row closes when its handler is done, or when it gave up for good. */
export function hostJobs(hub: Hub): void {
  const handlers = new Map<string, JobHandler>(
    hub.modules
      .flatMap((module) => module.jobs?.(hub.use(module), hub) ?? [])
      .map((handler): [string, JobHandler] => [handler.job.name, handler]),
  );
  const queues = new Set([...handlers.keys()].map((name) => hub.queues.of(name)));
  for (const queue of queues) {
    queue
      .process('*', AT_ONCE, (job: Job<JobEnvelope>) => run(hub, handlers, job))
      .catch((error: unknown) => hub.log.error({ err: error, queue: queue.name }, 'a queue could not be served'));
    queue.on('stalled', (job: Job) => hub.log.warn({ job: job.name, id: job.id }, 'a job stalled and will run again'));
  }
}

/** What the handler publishes and enqueues goes back to the call that asked for the job, and to its trace. */
async function run(hub: Hub, handlers: Map<string, JobHandler>, job: Job<JobEnvelope>): Promise<void> {
  const { cause, trace } = 'row' in job.data ? job.data : {};
  const attributes = { 'messaging.message.id': String(job.id), 'messaging.operation.name': 'process' };
  await causedBy(cause, () =>
    traced({ name: `job ${job.name}`, kind: 'job', parent: trace, attributes }, () => attempt(hub, handlers, job)),
  );
}

async function attempt(hub: Hub, handlers: Map<string, JobHandler>, job: Job<JobEnvelope>): Promise<void> {
  const handler = handlers.get(job.name);
  const tries = job.attemptsMade + 1;
  const lastAttempt = tries >= (job.opts.attempts ?? 1);
  const log = hub.log.child({ job: job.name, id: job.id, attempt: tries });
  const done = hub.metrics.jobs.startTimer({ job: job.name });
  const started = performance.now();
  const row = 'row' in job.data ? job.data.row : null;
  try {
    if (!handler) throw new Error(`no room handles ${job.name}`);
    await handler.run('payload' in job.data ? job.data.payload : {}, { log, attempt: tries, lastAttempt });
    if (row !== null) await hub.jobRows.close(row, 'done');
    done({ outcome: 'done' });
    hub.witness.ran(job.name, performance.now() - started);
  } catch (error) {
    done({ outcome: 'failed' });
    log.warn({ err: error, lastAttempt }, 'a job failed');
    hub.witness.failed({ error, place: `job ${job.name}` });
    if (row !== null && lastAttempt) await hub.jobRows.close(row, 'dead');
    throw error;
  }
}
