import { z } from 'zod';
import { job } from './kit/job';
import { Instant } from './kit/values';

/** Follows the stored fixes of trackables that moved. */
export const followTracks = job('tracking.follow-tracks', {
  payload: z.object({}),
  summary: 'Work off the tracks that have new fixes: fences, trips, stops, lost and found',
});
/** Debounced by its own queue of trackables and local dates; asked for again and again, it does each once. */
export const computeDays = job('tracking.compute-day', {
  payload: z.object({}),
  summary: 'Make days anew whose fixes came late, or that ended: trips, stops, silences, distance, fence visits',
});
export const sweepSilent = job('tracking.sweep-silent', {
  payload: z.object({ tick: Instant }),
  summary: 'Declare trackables lost that were silent for five minutes',
});
export const tendPartitions = job('tracking.tend-partitions', {
  payload: z.object({ tick: Instant }),
  summary: 'Make next month’s partition of the fixes, and drop those of months that nobody keeps',
});
export const keepTracks = job('tracking.retention', {
  payload: z.object({ tick: Instant }),
  summary: 'Make old fixes coarse and then remove them, as each organisation keeps them',
});
export const closeMonths = job('tracking.mileage-close', {
  payload: z.object({ tick: Instant }),
  summary: 'Close the mileage of months that ended, where the organisation wants that',
});

export const jobs = [followTracks, computeDays, sweepSilent, tendPartitions, keepTracks, closeMonths] as const;
