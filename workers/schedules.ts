import { findTrends, judgeAlerts, pruneActivity, rollUp } from '@loro/contracts/activity-live';
import { endExpiredRoles } from '@loro/contracts/access';
import { tickDays, watchOvertime } from '@loro/contracts/attendance-live';
import { applyScheduled, findStaleFlags, flushFlagUsage } from '@loro/contracts/configuration';
import { batchOperations, pruneEntries, sealEntries, signCheckpoints, verifyDaily } from '@loro/contracts/journal-live';
import { shipEntries } from '@loro/contracts/journal-outlets';
import { reconcileLeave, tickLeave } from '@loro/contracts/leave-live';
import { keepRetention, reportDay, sweepDuty, sweepReviews, watchVisits } from '@loro/contracts/check-ins-live';
import { checkIntegrations } from '@loro/contracts/integrations';
import { purgeTrash, sweepUploads, verifyFiles } from '@loro/contracts/documents';
import { tickHours } from '@loro/contracts/branches-live';
import {
  checkCompliance,
  flushUsage,
  reconcileUsage,
  renewLicenses,
  reportCompliance,
  tickStates,
} from '@loro/contracts/licensing-live';
import type { JobContract } from '@loro/contracts/kit/job';
import { purgePending } from '@loro/contracts/auth-flows';
import { rotateKeys, sweepSessions } from '@loro/contracts/auth-keys';
import {
  closeMonths,
  computeDays,
  followTracks,
  keepTracks,
  sweepSilent,
  tendPartitions,
} from '@loro/contracts/tracking-jobs';
import { tidyDeliveries } from '@loro/contracts/webhooks';
import { UniqueConstraintError } from 'sequelize';
import type { Hub } from '../server/platform';
import { tendDayPartitions } from '../server/platform/boot';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TICK_MS = 5 * SECOND;

interface Schedule {
  readonly job: JobContract;
  readonly everyMs: number;
  /** How long after the whole hour, day or minute, UTC. */
  readonly afterMs?: number;
  readonly payload: (tick: string) => Record<string, unknown>;
}

/** Which job runs when: the only clock of the house. */
const schedules: readonly Schedule[] = [
  { job: followTracks, everyMs: 5 * SECOND, payload: () => ({}) },
  { job: computeDays, everyMs: 30 * SECOND, payload: () => ({}) },
  { job: sweepSilent, everyMs: 15 * SECOND, payload: (tick) => ({ tick }) },
  { job: sweepDuty, everyMs: 15 * SECOND, payload: (tick) => ({ tick }) },
  { job: applyScheduled, everyMs: MINUTE, payload: (tick) => ({ tick }) },
  { job: flushFlagUsage, everyMs: MINUTE, payload: (tick) => ({ tick }) },
  { job: tickLeave, everyMs: 5 * MINUTE, payload: (tick) => ({ tick }) },
  // From a Monday on, since 1 January 1970 was a Thursday.
  { job: reconcileLeave, everyMs: 7 * 24 * HOUR, afterMs: 4 * 24 * HOUR + 3 * HOUR, payload: (tick) => ({ tick }) },
  { job: tickHours, everyMs: 5 * MINUTE, payload: (tick) => ({ tick }) },
  { job: tickDays, everyMs: 5 * MINUTE, afterMs: 15 * SECOND, payload: (tick) => ({ tick }) },
  { job: watchOvertime, everyMs: 15 * MINUTE, afterMs: 45 * SECOND, payload: (tick) => ({ tick }) },
  { job: reportDay, everyMs: 5 * MINUTE, payload: (tick) => ({ tick }) },
  { job: watchVisits, everyMs: 15 * MINUTE, payload: (tick) => ({ tick }) },
  { job: sweepReviews, everyMs: HOUR, afterMs: 11 * MINUTE, payload: (tick) => ({ tick }) },
  { job: keepRetention, everyMs: 24 * HOUR, afterMs: HOUR, payload: (tick) => ({ tick }) },
  { job: checkIntegrations, everyMs: 15 * MINUTE, payload: (tick) => ({ tick }) },
  { job: tidyDeliveries, everyMs: 6 * HOUR, payload: (tick) => ({ tick }) },
  { job: findStaleFlags, everyMs: 24 * HOUR, payload: (tick) => ({ tick }) },
  { job: endExpiredRoles, everyMs: MINUTE, payload: (tick) => ({ tick }) },
  { job: sweepSessions, everyMs: HOUR, payload: (tick) => ({ tick }) },
  { job: purgePending, everyMs: HOUR, payload: (tick) => ({ tick }) },
  { job: rotateKeys, everyMs: 24 * HOUR, payload: (tick) => ({ tick }) },
  { job: batchOperations, everyMs: MINUTE, afterMs: 10 * SECOND, payload: (tick) => ({ tick }) },
  { job: shipEntries, everyMs: 15 * SECOND, payload: (tick) => ({ tick }) },
  { job: signCheckpoints, everyMs: 24 * HOUR, afterMs: 5 * MINUTE, payload: (tick) => ({ tick }) },
  { job: verifyDaily, everyMs: 24 * HOUR, afterMs: 3 * HOUR, payload: (tick) => ({ tick }) },
  { job: pruneEntries, everyMs: 24 * HOUR, afterMs: 4.5 * HOUR, payload: (tick) => ({ tick }) },
  { job: purgeTrash, everyMs: 24 * HOUR, afterMs: 2 * HOUR, payload: () => ({}) },
  { job: sweepUploads, everyMs: HOUR, afterMs: 11 * MINUTE, payload: () => ({}) },
  { job: verifyFiles, everyMs: 24 * HOUR, afterMs: 3.5 * HOUR, payload: () => ({}) },
  { job: flushUsage, everyMs: MINUTE, afterMs: 20 * SECOND, payload: (tick) => ({ tick }) },
  { job: tickStates, everyMs: 5 * MINUTE, payload: (tick) => ({ tick }) },
  { job: renewLicenses, everyMs: HOUR, afterMs: 7 * MINUTE, payload: (tick) => ({ tick }) },
  { job: reconcileUsage, everyMs: 24 * HOUR, afterMs: 2 * HOUR, payload: (tick) => ({ tick }) },
  { job: checkCompliance, everyMs: 24 * HOUR, afterMs: 2.5 * HOUR, payload: (tick) => ({ tick }) },
  // Looks every day for reports of the month that are not there.
  { job: reportCompliance, everyMs: 24 * HOUR, afterMs: 3.5 * HOUR, payload: (tick) => ({ tick }) },
  { job: tendPartitions, everyMs: 6 * HOUR, payload: (tick) => ({ tick }) },
  { job: keepTracks, everyMs: 24 * HOUR, afterMs: 1.5 * HOUR, payload: (tick) => ({ tick }) },
  { job: closeMonths, everyMs: 24 * HOUR, afterMs: HOUR, payload: (tick) => ({ tick }) },
  { job: judgeAlerts, everyMs: 15 * SECOND, payload: (tick) => ({ tick }) },
  // Looks whether it is three in the morning somewhere.
  { job: findTrends, everyMs: 5 * MINUTE, afterMs: 30 * SECOND, payload: (tick) => ({ tick }) },
  { job: pruneActivity, everyMs: 6 * HOUR, afterMs: 50 * MINUTE, payload: (tick) => ({ tick }) },
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
  const timers = [
    setInterval(() => void tick(), TICK_MS),
    setInterval(() => void tend(), HOUR),
    // Looks for work by itself every second: a row for each look would be most of what `due_runs` holds.
    setInterval(() => hub.poke(sealEntries, SECOND), SECOND),
    setInterval(() => hub.poke(rollUp, 10 * SECOND), 10 * SECOND),
  ];
  void tick();
  hub.shutdown.add('schedules', () => timers.forEach((timer) => clearInterval(timer)));
}

async function due(hub: Hub, { job, everyMs, afterMs = 0, payload }: Schedule): Promise<void> {
  const at = new Date(Math.floor((hub.now().getTime() - afterMs) / everyMs) * everyMs + afterMs);
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
  await tendDayPartitions(hub.sequelize, 'journal_operations', now, 30);
  await hub.commands.tidy();
  await hub.sequelize.query('DELETE FROM due_runs WHERE due_at < :before LIMIT 100000', {
    replacements: { before: new Date(now.getTime() - 2 * 86_400_000) },
  });
  await hub.sequelize.query('DELETE FROM auth_changes WHERE at < :before LIMIT 100000', {
    replacements: { before: new Date(now.getTime() - 86_400_000) },
  });
}
