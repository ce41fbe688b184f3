/** Nothing for so long ends a session; the next event begins another. */
export const SESSION_GAP_MS = 30 * 60_000;
/** Between two events further apart than this, nobody can say that somebody was at it. */
const IDLE_AFTER_MS = 5 * 60_000;

export interface ActivitySpan {
  readonly start: number;
  readonly end: number;
  readonly events: number;
  /** Without the pauses; nothing is watched but what was done. */
  readonly activeSec: number;
}

/** Sessions of one person from the instants of what they did, in any order. */
export function sessionsOf(instants: readonly number[]): ActivitySpan[] {
  const sessions: { start: number; end: number; events: number; activeMs: number }[] = [];
  for (const at of instants.toSorted((a, b) => a - b)) {
    const last = sessions.at(-1);
    if (!last || at - last.end >= SESSION_GAP_MS) {
      sessions.push({ start: at, end: at, events: 1, activeMs: 0 });
      continue;
    }
    const pause = at - last.end;
    if (pause <= IDLE_AFTER_MS) last.activeMs += pause;
    last.end = at;
    last.events += 1;
  }
  return sessions.map(({ activeMs, ...session }) => ({ ...session, activeSec: Math.round(activeMs / 1_000) }));
}
