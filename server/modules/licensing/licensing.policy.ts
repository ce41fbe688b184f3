import type { LicenseState, LicenseType } from '@loro/contracts/licensing-values';

export const DAY_MS = 86_400_000;
const EXPIRING_MS = 30 * DAY_MS;
/** How long a licence from a file goes on working under a clock that was set back. */
const TAMPERED_FOR_MS = 3 * DAY_MS;

/** What of a licence decides its state. */
export interface Terms {
  readonly type: LicenseType;
  readonly startsAt: Date;
  /** Null: it does not end. */
  readonly expiresAt: Date | null;
  readonly graceDays: number;
  readonly suspendedAt: Date | null;
  readonly revokedAt: Date | null;
  /** For how long the clock has been known to be behind, where the licence stands on it alone; null: it is right. */
  readonly tamperedMs?: number | null;
}

export interface Effective {
  readonly state: LicenseState;
  /** When the state ends by itself. */
  readonly until: Date | null;
  /** When the licence stopped working; null while it works, and before it begins. */
  readonly lapsedAt: Date | null;
  /** Works, and ends within thirty days. */
  readonly isExpiring: boolean;
}

const plus = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
export const graceEnd = (expiresAt: Date, graceDays: number): Date => plus(expiresAt, graceDays * DAY_MS);

const standing = (state: LicenseState, until: Date | null, lapsedAt: Date | null = null): Effective => ({
  state,
  until,
  lapsedAt,
  isExpiring: false,
});

/** The state at an instant. Never stored: whoever asks late or early gets the same answer. Bounds are half-open. */
export function effectiveState(licence: Terms, now: Date): Effective {
  const { revokedAt, suspendedAt, startsAt, expiresAt, graceDays, type, tamperedMs } = licence;
  if (revokedAt) return standing('revoked', null, revokedAt);
  if (suspendedAt) return standing('suspended', null, suspendedAt);
  if (tamperedMs !== undefined && tamperedMs !== null) return underWrongClock(tamperedMs, now);
  if (now < startsAt) return standing('not_started', startsAt);
  if (expiresAt === null) return standing('active', null);
  if (now < expiresAt) {
    const isExpiring = expiresAt.getTime() - now.getTime() <= EXPIRING_MS;
    return { ...standing(type === 'trial' ? 'trial' : 'active', expiresAt), isExpiring };
  }
  const end = graceEnd(expiresAt, graceDays);
  return now < end ? standing('grace', end) : standing('expired', null, end);
}

const underWrongClock = (tamperedMs: number, now: Date): Effective =>
  tamperedMs < TAMPERED_FOR_MS
    ? standing('grace', plus(now, TAMPERED_FOR_MS - tamperedMs))
    : standing('expired', null, now);

export const works = ({ state }: Pick<Effective, 'state'>): boolean =>
  state === 'active' || state === 'trial' || state === 'grace';

/** An event of a licence's life that is told once. */
export interface Mark {
  /** Names it among the events of the licence. */
  readonly key: string;
  readonly at: Date;
}

const NOTICE_DAYS = [60, 30, 14, 7, 3, 1, 0];

/** When somebody is told that it ends. A term hears only of what is shorter than itself. */
export function noticesOf(termStart: Date, expiresAt: Date): (Mark & { readonly days: number })[] {
  return NOTICE_DAYS.map((days) => ({
    key: `notice:${days}:${expiresAt.toISOString()}`,
    at: plus(expiresAt, -days * DAY_MS),
    days,
  })).filter(({ at }) => at > termStart);
}

type GracePart = 'start' | 'half' | 'three-days' | 'one-day' | 'end';

/** The instants of a grace that are told; those that fall together are told once, by the first of them. */
export function graceMarks(expiresAt: Date, graceDays: number): (Mark & { readonly part: GracePart })[] {
  if (graceDays === 0) return [];
  const end = graceEnd(expiresAt, graceDays);
  const parts: [GracePart, Date][] = [
    ['start', expiresAt],
    ['half', plus(expiresAt, (graceDays * DAY_MS) / 2)],
    ['three-days', plus(end, -3 * DAY_MS)],
    ['one-day', plus(end, -DAY_MS)],
    ['end', end],
  ];
  const seen = new Set<number>();
  return parts
    .filter(([, at]) => at >= expiresAt && !seen.has(at.getTime()) && seen.add(at.getTime()))
    .toSorted(([, a], [, b]) => a.getTime() - b.getTime())
    .map(([part, at]) => ({ key: `grace:${part}:${expiresAt.toISOString()}`, at, part }));
}

const DOWNGRADE_DAYS = [30, 7, 1];

/** When somebody is told that the smaller plan has no room for what there is. */
export const downgradeWarnings = (planAt: Date): (Mark & { readonly days: number })[] =>
  DOWNGRADE_DAYS.map((days) => ({
    key: `downgrade:${days}:${planAt.toISOString()}`,
    at: plus(planAt, -days * DAY_MS),
    days,
  }));

/** The next instant at which something about the licence changes or is told; null: never by itself. */
export function nextLook(
  licence: Terms & {
    readonly termStart: Date;
    readonly nextPlanAt: Date | null;
    readonly overrideEnds: readonly Date[];
  },
  now: Date,
): Date | null {
  const { startsAt, expiresAt, graceDays, termStart, nextPlanAt, overrideEnds } = licence;
  const all = [
    startsAt,
    ...overrideEnds,
    ...(expiresAt ? [expiresAt, graceEnd(expiresAt, graceDays)] : []),
    ...(expiresAt ? [...noticesOf(termStart, expiresAt), ...graceMarks(expiresAt, graceDays)].map(({ at }) => at) : []),
    ...(nextPlanAt ? [nextPlanAt, ...downgradeWarnings(nextPlanAt).map(({ at }) => at)] : []),
  ].filter((at) => at > now);
  return all.reduce<Date | null>((first, at) => (first && first <= at ? first : at), null);
}
