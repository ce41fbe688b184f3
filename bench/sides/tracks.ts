import { madeTrack } from '../../server/modules/tracking/generated-tracks';
import { topSpeedOf } from '../../server/modules/tracking/sieve.policy';
import { sumOfDay } from '../../server/modules/tracking/track-day.policy';

export interface AddedUp {
  readonly cpuUs: number;
  readonly fixes: number;
  readonly trips: number;
  readonly stops: number;
}

/** What a day's fixes cost until trips, stops, silences, speeding and metres stand; nothing is read or written. */
export function addUp({ tracks, fixes }: { tracks: number; fixes: number }): AddedUp {
  const rules = { topSpeed: topSpeedOf('user'), limitAt: () => ({ kmh: 80, source: 'organisation' }) as const };
  const days = Array.from({ length: tracks }, (_, seed) => madeTrack(seed + 1, { fixes, everyMs: 2_000 }));
  for (const day of days.slice(0, 3)) sumOfDay(day, rules);
  let [trips, stops] = [0, 0];
  const before = process.cpuUsage();
  for (const day of days) {
    const sum = sumOfDay(day, rules);
    trips += sum.trips.length;
    stops += sum.stops.length;
  }
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, fixes: tracks * fixes, trips, stops };
}
