import type { JobContract } from '@loro/contracts/kit/job';
import { followTracks, sweepSilent, tendPartitions } from '@loro/contracts/tracking';
import { UniqueConstraintError } from 'sequelize';
import type { Hub } from '../server/platform';
import { tendDayPartitions } from '../server/platform/boot';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const TICK_MS = 5 * SECOND;

interface Schedule {
  readonly job: JobContract;
  readonly everyMs: number;
  readonly payload: (tick: string) => Record<string, unknown>;
}

/** Which job runs when: the only clock of the house. */
const schedules: readonly Schedule[] = [
  { job: followTracks, everyMs: 5 * SECOND, payload: () => ({}) },
  { job: sweepSilent, everyMs: 15 * SECOND, payload: (tick) => ({ tick }) },
  { job: tendPartitions, everyMs: 6 * HOUR, payload: (tick) => ({ tick }) },
];

/**
 * The UTC tick. What is due is a row under a unique key: of several workers, or of one that starts twice, only the one
 * that inserts it asks for the job, in the same transaction.
 */
export function startSchedules(hub: Hub): void {
  let ticking = false;
  const tick = async () => {
    if (ticking) return;
    ticking = true;
    try {
      for (const schedule of schedules) await due(hub, schedule);
    } catch (error) {
      hub.log.warn({ err: error }, 'the tick failed, will repeat');
    } finally {
      ticking = false;
    }
  };
  const tend = () => tidy(hub).catch((error: unknown) => hub.log.warn({ err: error }, 'tidying failed, will repeat'));
  const timers = [setInterval(() => void tick(), TICK_MS), setInterval(() => void tend(), HOUR)];
  void tick();
  hub.shutdown.add('schedules', () => timers.forEach((timer) => clearInterval(timer)));
}

async function due(hub: Hub, { job, everyMs, payload }: Schedule): Promise<void> {
  const at = new Date(Math.floor(hub.now().getTime() / everyMs) * everyMs);
  try {
    await hub.transact(async (after) => {
      await hub.sequelize.query('INSERT INTO due_runs (schedule, due_at, made_at) VALUES (?, ?, ?)', {
        replacements: [job.name, at, hub.now()],
      });
      after.enqueue(job, payload(at.toISOString()));
    });
  } catch (error) {
    if (!(error instanceof UniqueConstraintError)) throw error;
  }
}

/** Drops what has served its time, and makes room for the days to come. */
async function tidy(hub: Hub): Promise<void> {
  const now = hub.now();
  await tendDayPartitions(hub.sequelize, 'stream_events', now, hub.config.LOG_RETENTION_DAYS);
  await tendDayPartitions(hub.sequelize, 'outbox_jobs', now, 14);
  await hub.commands.tidy();
  await hub.sequelize.query('DELETE FROM due_runs WHERE due_at < :before LIMIT 100000', {
    replacements: { before: new Date(now.getTime() - 2 * 86_400_000) },
  });
  await hub.sequelize.query('DELETE FROM auth_changes WHERE at < :before LIMIT 100000', {
    replacements: { before: new Date(now.getTime() - 86_400_000) },
  });
}
