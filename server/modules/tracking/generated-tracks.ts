import { EARTH_RADIUS_M } from '../../platform';
import type { TrackFix } from './sieve.policy';
import type { DayRules } from './track-day.policy';

/** Tracks that tests and measurements make up: near the equator, where a degree is as long either way. */
const METRES_A_DEGREE = (Math.PI / 180) * EARTH_RADIUS_M;
const LAT = 0.001;
const LNG = 28;

/** So many metres north and east of a point. */
export const from = (northM: number, eastM: number): { lat: number; lng: number } => ({
  lat: LAT + northM / METRES_A_DEGREE,
  lng: LNG + eastM / METRES_A_DEGREE,
});
export const north = (metres: number) => from(metres, 0);

export const bare = (
  at: number,
  { lat, lng }: { lat: number; lng: number },
  accuracy: number,
  change: Partial<TrackFix> = {},
): TrackFix => ({
  at,
  lat,
  lng,
  accuracy,
  speed: null,
  speedAccuracy: null,
  odometer: null,
  device: 'device',
  ...change,
});

export const rules = (change: Partial<DayRules> = {}): DayRules => ({ topSpeed: 60, limitAt: () => null, ...change });

/** The same numbers for the same seed (a linear congruence of 32 bits). */
export function dice(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A day in the field: standing and driving by turns, with scatter, spikes, blurred fixes and a silence now and then. */
export function madeTrack(seed: number, { fixes, everyMs = 10_000 }: { fixes: number; everyMs?: number }): TrackFix[] {
  const random = dice(seed);
  const track: TrackFix[] = [];
  let [at, northM, eastM] = [Date.parse('2026-11-25T05:00:00Z'), 0, 0];
  while (track.length < fixes) {
    const leg = 20 + Math.floor(random() * 60);
    const [isDriving, angle, speed] = [random() < 0.5, random() * 2 * Math.PI, 3 + random() * 25];
    if (random() < 0.08) at += 3_700_000 + Math.floor(random() * 3_600_000);
    for (let index = 0; index < leg && track.length < fixes; index += 1) {
      at += everyMs;
      if (isDriving) {
        northM += (Math.sin(angle) * speed * everyMs) / 1_000;
        eastM += (Math.cos(angle) * speed * everyMs) / 1_000;
      }
      track.push(scattered(at, northM, eastM, random));
    }
  }
  return track;
}

function scattered(at: number, northM: number, eastM: number, random: () => number): TrackFix {
  const luck = random();
  const accuracy = luck < 0.03 ? 150 + random() * 500 : 4 + random() * 15;
  const spike = luck > 0.985 ? 250 + random() * 4_000 : 0;
  const off = () => (random() - 0.5) * accuracy;
  return bare(at, from(northM + off() + spike, eastM + off()), accuracy);
}

/** Drawn without repeat, in an order of chance. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    const [a, b] = [mixed[index], mixed[other]];
    if (a !== undefined && b !== undefined) [mixed[index], mixed[other]] = [b, a];
  }
  return mixed;
}
