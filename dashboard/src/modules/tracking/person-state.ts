import type { Trackable } from '@loro/contracts/tracking';

/** `late`: it reports, but the newest fix is old. `lost`: the hub gave it up. `unseen`: it never reported. */
export type PersonState = 'moving' | 'still' | 'late' | 'lost' | 'unseen';

export const stateTitles: Readonly<Record<PersonState, string>> = {
  moving: 'Moving',
  still: 'Still',
  late: 'Late data',
  lost: 'Lost',
  unseen: 'No position',
};

export const stateHelp: Readonly<Record<PersonState, string>> = {
  moving: 'Faster than 0.5 m/s',
  still: 'Reports from the same place',
  late: 'Nothing newer than 30 seconds',
  lost: 'Not heard for five minutes',
  unseen: 'Has never reported',
};

export const states: readonly PersonState[] = ['moving', 'still', 'late', 'lost', 'unseen'];

export interface Fix {
  /** Milliseconds since 1970, by the hub's clock. */
  at: number;
  lat: number;
  lng: number;
  /** Metres; null where the device does not know. */
  accuracy: number | null;
  speed: number | null;
  heading: number | null;
}

export interface Person {
  id: string;
  name: string;
  branchId: string;
  state: PersonState;
  fix: Fix | null;
  lostAt: string | null;
}

const LATE_MS = 30_000;
const MOVING_MS = 0.5;

/** `pace` is what the last two fixes say of the speed, for devices that do not measure it. */
export function stateOf(trackable: Trackable, fix: Fix | null, pace: number, now: number): PersonState {
  if (fix === null) return 'unseen';
  if (trackable.lostAt !== null) return 'lost';
  if (now - fix.at > LATE_MS) return 'late';
  return Math.max(fix.speed ?? 0, pace) > MOVING_MS ? 'moving' : 'still';
}
