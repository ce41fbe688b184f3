import type { Fix, Trackable } from '@loro/contracts/tracking';
import { Forbidden, type Hub, Remembered } from '../../platform';
import { checkIns } from '../check-ins';
import { configuration } from '../configuration';

/** Half open; an end of null goes on. In milliseconds since 1970. */
interface Stretch {
  readonly from: number;
  readonly to: number | null;
}

/** When a person may be tracked: inside `on`, or always where it is null, and never inside `paused`. */
interface Window {
  readonly on: readonly Stretch[] | null;
  readonly paused: readonly Stretch[];
}

interface Known extends Window {
  readonly readAt: number;
  readonly from: number;
}

/** How long a window is believed to be what it was: what is stored in it after its end is at most this much. */
const KEPT_MS = 5_000;
/** A fix that seems outside is judged by what was read this lately: who has just begun must not lose the first minute. */
const OUTSIDE_KEPT_MS = 1_000;
const LOOK_BACK_MS = 3_600_000;
const KEPT = 50_000;

const isWithin = (stretches: readonly Stretch[], at: number): boolean =>
  stretches.some(({ from, to }) => from <= at && (to === null || at < to));

/** Whether a window lets a fix of this instant be kept. */
const isInside = ({ on, paused }: Window, at: number): boolean =>
  (on === null || isWithin(on, at)) && !isWithin(paused, at);

/**
 * The windows of people, remembered for seconds: nothing is asked for a fix. What has no person is always inside, and
 * so is everybody where the organisation promises nothing.
 */
export class Windows {
  private readonly organisations: Remembered<{ readonly isFree: boolean }>;
  private readonly people: Remembered<Known>;
  private readonly asking = new Map<string, Promise<Known>>();

  constructor(private readonly hub: Hub) {
    this.organisations = new Remembered(KEPT_MS, KEPT, hub.now);
    this.people = new Remembered(KEPT_MS, KEPT, hub.now);
  }

  /** Hears, on every node, whose duty changed. */
  start(): void {
    this.hub.use(checkIns).onDuty((orgId, userId) => this.forget(orgId, userId));
  }

  /** At once: nobody here is asked about windows, as far as is remembered. */
  isFree(orgId: string, trackable: Trackable): boolean {
    return trackable.userId === null || this.organisations.get(orgId)?.isFree === true;
  }

  /**
   * The fixes that may be kept.
   * @throws Forbidden NOTICE_REQUIRED for a person who has not read the newest notice
   */
  async keep(orgId: string, trackable: Trackable, fixes: readonly Fix[]): Promise<readonly Fix[]> {
    const { userId } = trackable;
    if (userId === null) return fixes;
    const door = this.hub.use(checkIns);
    const rule = await door.windowRule(orgId);
    const mayPause = await this.hub.use(configuration).value('tracking.may-pause', { orgId });
    this.organisations.set(orgId, { isFree: rule === null && !mayPause });
    if (rule && !(await door.hasRead(orgId, userId)))
      throw new Forbidden('NOTICE_REQUIRED', 'The newest privacy notice has to be read before anything is recorded.');
    if (!mayPause && !rule?.trackOnlyOnShift) return fixes;
    const times = fixes.map(({ at }) => Date.parse(at));
    const oldest = Math.min(...times);
    const person = { orgId, userId, trackableId: trackable.id, isOnShift: rule?.trackOnlyOnShift === true };
    let window = await this.windowOf(person, oldest, KEPT_MS);
    if (times.some((at) => !isInside(window, at))) window = await this.windowOf(person, oldest, OUTSIDE_KEPT_MS);
    return fixes.filter((_, index) => isInside(window, times[index] ?? 0));
  }

  /** Its pauses changed: they count on this node at once, elsewhere within seconds. */
  forget(orgId: string, userId: string): void {
    this.people.delete(`${orgId}:${userId}`);
  }

  private async windowOf(person: Person, oldest: number, keptMs: number): Promise<Known> {
    const key = `${person.orgId}:${person.userId}`;
    const now = this.hub.now().getTime();
    const known = this.people.get(key);
    if (known && now - known.readAt < keptMs && known.from <= oldest) return known;
    const asked = this.asking.get(`${key}:${oldest}`);
    if (asked) return asked;
    const answer = this.read(person, Math.min(oldest, now) - LOOK_BACK_MS, now);
    this.asking.set(`${key}:${oldest}`, answer);
    try {
      const window = await answer;
      this.people.set(key, window);
      return window;
    } finally {
      this.asking.delete(`${key}:${oldest}`);
    }
  }

  private async read({ orgId, userId, trackableId, isOnShift }: Person, from: number, now: number): Promise<Known> {
    const until = new Date(now + LOOK_BACK_MS);
    const spans = isOnShift ? await this.hub.use(checkIns).dutyOf(orgId, [userId], new Date(from), until) : null;
    const paused = await this.hub.reads.all<{ from: Date; to: Date }>(
      'SELECT from_at AS `from`, to_at AS `to` FROM trackable_pauses WHERE org_id = ? AND trackable_id = ? AND to_at > ?',
      [orgId, trackableId, new Date(from)],
    );
    return {
      on: spans && (spans.get(userId) ?? []).map(stretchOf),
      paused: paused.map(stretchOf),
      readAt: now,
      from,
    };
  }
}

interface Person {
  readonly orgId: string;
  readonly userId: string;
  readonly trackableId: string;
  readonly isOnShift: boolean;
}

const stretchOf = ({ from, to }: { readonly from: Date; readonly to: Date | null }): Stretch => ({
  from: from.getTime(),
  to: to?.getTime() ?? null,
});
