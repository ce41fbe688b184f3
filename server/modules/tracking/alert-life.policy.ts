export interface AlertRuleLife {
  readonly forSec: number;
  readonly keepFiringSec: number;
  readonly noData: 'ok' | 'alert' | 'keep';
}

/** Where an alert stands; instants in milliseconds. */
export interface AlertLife {
  readonly state: 'inactive' | 'pending' | 'firing';
  /** Since when it is in this state. */
  readonly since: number;
  readonly firedAt: number | null;
  /** Since when the condition has not held, while it still fires. */
  readonly calmSince: number | null;
  /** When it was last told that it fires; null where this firing was not told yet. */
  readonly toldAt: number | null;
  readonly hasNoData: boolean;
}

/** What one look found: whether the condition holds, or that there was nothing to look at. */
export interface AlertLook {
  readonly at: number;
  readonly holds: boolean | null;
  /** Nothing is told now: a window of silence, or somebody muted it. */
  readonly isMuted: boolean;
  /** Somebody takes care of it: it is not told again. */
  readonly isAcknowledged: boolean;
}

export type AlertNotice = 'fired' | 'repeated' | 'resolved';

export const REPEAT_AFTER_MS = 4 * 3_600_000;

export const calm = (at: number): AlertLife => ({
  state: 'inactive',
  since: at,
  firedAt: null,
  calmSince: null,
  toldAt: null,
  hasNoData: false,
});

/** What an alert becomes by one look, and what is told of it: a firing once, then each four hours, and its end. */
export function look(
  rule: AlertRuleLife,
  before: AlertLife,
  seen: AlertLook,
): { life: AlertLife; notice: AlertNotice | null } {
  const holds = seen.holds ?? (rule.noData === 'keep' ? null : rule.noData === 'alert');
  const hasNoData = seen.holds === null;
  if (holds === null) return told({ ...before, hasNoData }, before, seen);
  return told({ ...moved(rule, before, { ...seen, holds }), hasNoData }, before, seen);
}

function moved(rule: AlertRuleLife, before: AlertLife, { at, holds }: AlertLook & { holds: boolean }): AlertLife {
  if (before.state === 'firing') {
    if (holds) return { ...before, calmSince: null };
    const calmSince = before.calmSince ?? at;
    return at - calmSince >= rule.keepFiringSec * 1_000 ? calm(at) : { ...before, calmSince };
  }
  if (!holds) return before.state === 'inactive' ? before : calm(at);
  const since = before.state === 'pending' ? before.since : at;
  if (at - since < rule.forSec * 1_000) return { ...before, state: 'pending', since };
  return { state: 'firing', since: at, firedAt: at, calmSince: null, toldAt: null, hasNoData: false };
}

function told(life: AlertLife, before: AlertLife, { at, isMuted, isAcknowledged }: AlertLook) {
  if (before.state === 'firing' && life.state !== 'firing')
    // Nobody heard that it fired, so nobody needs to hear that it is over.
    return { life, notice: before.toldAt === null ? null : ('resolved' as const) };
  // While it only waits to be well again, nothing new is to be told.
  if (life.state !== 'firing' || life.calmSince !== null || isMuted) return { life, notice: null };
  if (life.toldAt === null) return { life: { ...life, toldAt: at }, notice: 'fired' as const };
  if (isAcknowledged || at - life.toldAt < REPEAT_AFTER_MS) return { life, notice: null };
  return { life: { ...life, toldAt: at }, notice: 'repeated' as const };
}

export type Comparison = '>' | '>=' | '<' | '<=';

const compare = (value: number, op: Comparison, threshold: number): boolean => {
  if (op === '>') return value > threshold;
  if (op === '>=') return value >= threshold;
  if (op === '<') return value < threshold;
  return value <= threshold;
};

/**
 * Whether a value is beyond its threshold. Where another threshold says when it is well again, an alert that fires goes on
 * until that one is passed, so that a value on the border does not flutter.
 */
export function isBeyond(
  value: number,
  { op, threshold, clear }: { op: Comparison; threshold: number; clear?: number | undefined },
  isFiring: boolean,
): boolean {
  return compare(value, op, isFiring && clear !== undefined ? clear : threshold);
}

/** A weekly time in which nothing is told: local times of days, Monday is 1; one that ends before it begins goes over midnight. */
export interface MuteWindow {
  readonly days: readonly number[];
  readonly from: string;
  readonly to: string;
}

/** @param local the weekday and time of day in the zone of the rule, `HH:MM` */
export function isQuiet(windows: readonly MuteWindow[], local: { weekday: number; time: string }): boolean {
  const yesterday = local.weekday === 1 ? 7 : local.weekday - 1;
  return windows.some(({ days, from, to }) => {
    if (from < to) return days.includes(local.weekday) && local.time >= from && local.time < to;
    if (days.includes(local.weekday) && local.time >= from) return true;
    return days.includes(yesterday) && local.time < to;
  });
}
