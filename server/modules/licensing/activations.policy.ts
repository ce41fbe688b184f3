const BEAT_MS = 600_000;
const MISSED = 2;
const HELD_MS = 86_400_000;

export interface Beating {
  readonly lastBeatAt: Date;
  readonly deactivatedAt: Date | null;
}

export type ActivationState = 'alive' | 'dead' | 'deactivated';

/** Dead once two beats in a row did not come. */
const deadAt = ({ lastBeatAt }: Beating): number => lastBeatAt.getTime() + MISSED * BEAT_MS;

export function activationState(activation: Beating, now: Date): ActivationState {
  if (activation.deactivatedAt) return 'deactivated';
  return now.getTime() >= deadAt(activation) ? 'dead' : 'alive';
}

/** A dead one holds its place for a day, so that a machine that comes back finds it. */
export const holdsSeat = (activation: Beating, now: Date): boolean =>
  activation.deactivatedAt === null && now.getTime() < deadAt(activation) + HELD_MS;

export const HEARTBEAT_SECONDS = BEAT_MS / 1_000;
