import { createHash } from 'node:crypto';
import type { DayFacts } from './day.policy';
import type { Template } from './schedule.policy';

/** Raised when the rules that make a day of its facts change: every day that is not locked is other then. */
const RULES_VERSION = 1;

/** One text for equal inputs. What of the week decides is in the outcome of the week. */
export function hashOf(said: DayFacts, outcome: readonly unknown[]): string {
  const {
    date,
    zone,
    occurrence,
    template,
    source,
    isOff,
    holiday,
    leave,
    isExcused,
    punches,
    evidence,
    signs,
    rules,
  } = said;
  const inputs = [
    RULES_VERSION,
    date,
    zone,
    occurrence && [occurrence.startMs, occurrence.endMs, occurrence.windowFromMs, occurrence.windowToMs],
    textOf(template),
    source,
    isOff,
    holiday,
    leave,
    isExcused,
    punches.map(({ atMs, direction, verification, isConfirmed, id }) => [
      atMs,
      direction,
      verification,
      isConfirmed,
      evidence.get(id) ?? null,
    ]),
    signs,
    rules,
    outcome,
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('base64url');
}

const texts = new WeakMap<Template, string>();

/** The people of a branch share their shifts. */
function textOf(template: Template): string {
  const text = texts.get(template) ?? JSON.stringify(template);
  texts.set(template, text);
  return text;
}
