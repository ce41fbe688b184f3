const FREE = 4;
const FIRST_SEC = 30;
const MOST_SEC = 900;

/** How long nobody is listened to after the nth wrong password for one account from one network. */
export const waitSec = (failures: number): number =>
  failures <= FREE ? 0 : Math.min(MOST_SEC, FIRST_SEC * 2 ** (failures - FREE - 1));

/** From here on the wait does not grow any more. */
export const LONGEST_AFTER = 10;

/** Wrong passwords in a row for one account from one network. */
export interface Failures {
  readonly count: number;
  readonly lastAt: number;
}

export const FORGOTTEN_AFTER_MS = 86_400_000;

/**
 * A try counts as a failure until it is known to be none, so that tries made at once do not all pass.
 * @returns how long to wait instead, or the failures with this one
 */
export function nextTry(known: Failures | undefined, now: number): { waitMs: number } | Failures {
  const counts = known !== undefined && now - known.lastAt < FORGOTTEN_AFTER_MS;
  if (!counts) return { count: 1, lastAt: now };
  const waitMs = known.lastAt + waitSec(known.count) * 1000 - now;
  return waitMs > 0 ? { waitMs } : { count: known.count + 1, lastAt: now };
}
