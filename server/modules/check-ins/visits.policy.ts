import type { CheckInKind, CheckInType } from '@loro/contracts/check-ins-values';

const MINUTE = 60_000;
const BEFORE_MS = 15 * MINUTE;
const AFTER_MS = 30 * MINUTE;
export const REMIND_MS = 60 * MINUTE;
export const CLOSE_MS = 360 * MINUTE;

/** From a quarter of an hour before a meeting begins to half an hour after, both included. */
export const isInWindow = (atMs: number, startsMs: number): boolean =>
  atMs >= startsMs - BEFORE_MS && atMs <= startsMs + AFTER_MS;

/** What to do about a visit without an end. */
export function visitDue(openMs: number, isReminded: boolean): 'nothing' | 'remind' | 'close' {
  if (openMs > CLOSE_MS) return 'close';
  return openMs > REMIND_MS && !isReminded ? 'remind' : 'nothing';
}

interface Hints {
  readonly type: CheckInType;
  readonly kind: CheckInKind;
  readonly targetType: string | null;
  /** What the person said the last times at the same target or branch and type, newest first. */
  readonly before: readonly string[];
}

const byTarget: Readonly<Record<string, string>> = {
  client: 'client visit',
  lead: 'sales call',
  meeting: 'meeting',
  task: 'task',
  project: 'project',
};
const byType: Readonly<Record<CheckInType, string>> = {
  office: 'office',
  remote: 'remote work',
  'client-visit': 'client visit',
  'field-work': 'field work',
  meeting: 'meeting',
};

/** What it was probably about: what the person most often said of such ones, else what the target and the type say. */
export function suggest({ type, targetType, before }: Hints): string {
  const count = new Map<string, number>();
  for (const said of before) count.set(said, (count.get(said) ?? 0) + 1);
  const [most] = [...count].toSorted(([, a], [, b]) => b - a);
  if (most && most[1] >= 2) return most[0];
  return (targetType === null ? undefined : byTarget[targetType]) ?? byType[type];
}
