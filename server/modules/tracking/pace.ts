import { streamName } from '@loro/contracts/kit/live';
import type { FlowPace } from '@loro/contracts/kit/session';
import type { Reports } from './enrolment.service';
import { type Trackable, type TrackableMoved, trackingLive } from '@loro/contracts/tracking';
import type { Actor, Hub } from '../../platform';

/** Who watches sets the pace of the phones. A pace holds for a while and is repeated before it runs out. */
const paces = {
  unwatched: { intervalMs: 60_000, distanceM: 100, holdsMs: 15 * 60_000 },
  fleet: { intervalMs: 10_000, distanceM: 10, holdsMs: 60_000 },
  followed: { intervalMs: 1_000, distanceM: 5, holdsMs: 60_000 },
} as const;
type Level = keyof typeof paces;

const LOW_BATTERY = 0.2;
/** Of a phone that soon goes dark, less often is longer. */
const SPARING = { unwatched: 5, fleet: 3, followed: 5 } as const;

interface Reporter {
  readonly userId: string;
  readonly sessionId: string;
  readonly boot: string;
  readonly trackableStream: string;
  readonly fleetStream: string;
  readonly resolution: Reports['resolution'];
  level: Level | null;
  isSparing: boolean;
  toldAt: number;
}

/** Tells devices how finely to record: in the answer to a report, and in between when it changes. */
export class PaceSetter {
  private readonly reporters = new Map<string, Reporter>();

  constructor(private readonly hub: Hub) {
    hub.watchers.follow('fleet', 'cells', 'trackable');
    hub.watchers.onLook(() => this.tellChanged());
  }

  /** What to answer a report with: a pace when there is news, nothing while the one told before holds. */
  answer(actor: Actor, trackable: Reports, boot: string, battery: number | null): { pace?: FlowPace } {
    const reporter = this.reporterOf(actor, trackable, boot);
    const pace = this.news(reporter, this.hub.now().getTime(), battery === null ? undefined : battery < LOW_BATTERY);
    return pace ? { pace } : {};
  }

  private reporterOf(
    { orgId, userId, sessionId }: Actor,
    { id, branchId, resolution }: Reports,
    boot: string,
  ): Reporter {
    const key = `${sessionId}:${id}`;
    const known = this.reporters.get(key);
    // An app that started anew has forgotten what it was told.
    if (known?.boot === boot) return known;
    const reporter: Reporter = {
      userId,
      sessionId,
      boot,
      trackableStream: streamName(orgId, 'trackable', id),
      fleetStream: streamName(orgId, 'fleet', branchId),
      resolution,
      level: null,
      isSparing: false,
      toldAt: 0,
    };
    this.reporters.set(key, reporter);
    return reporter;
  }

  private news(reporter: Reporter, now: number, isSparing = reporter.isSparing): FlowPace | null {
    const level = this.levelOf(reporter);
    const { holdsMs } = paces[level];
    const isSame = level === reporter.level && isSparing === reporter.isSparing;
    if (isSame && now < reporter.toldAt + (holdsMs * 2) / 3) return null;
    reporter.level = level;
    reporter.toldAt = now;
    reporter.isSparing = isSparing;
    const { intervalMs, distanceM } = finenessOf(reporter, level);
    const factor = isSparing ? SPARING[level] : 1;
    return {
      intervalMs: intervalMs * factor,
      distanceM: distanceM * factor,
      until: new Date(now + holdsMs).toISOString(),
    };
  }

  private levelOf({ trackableStream, fleetStream }: Reporter): Level {
    const { watchers } = this.hub;
    if (watchers.isWatched(trackableStream)) return 'followed';
    return watchers.isWatched(fleetStream) ? 'fleet' : 'unwatched';
  }

  /** Pushes what is news, and forgets devices that are not connected here any more. */
  private tellChanged(): void {
    const now = this.hub.now().getTime();
    for (const [key, reporter] of this.reporters) {
      const pace = this.news(reporter, now);
      if (pace && !this.hub.tellSession(reporter, trackingLive.namespace, 'flow:pace', pace))
        this.reporters.delete(key);
    }
  }
}

/** Where nobody watches, a trackable may say itself how finely it wants to be recorded. */
function finenessOf({ resolution }: Reporter, level: Level): { intervalMs: number; distanceM: number } {
  if (level !== 'unwatched' || !resolution) return paces[level];
  return { intervalMs: resolution.minIntervalSec * 1_000, distanceM: resolution.minDisplacementM };
}

type Followable = Pick<Trackable, 'id' | 'key'> & { readonly orgId: string };
/** `at` in milliseconds since 1970. */
type Step = Omit<TrackableMoved, 'trackableId' | 'key' | 'at'> & { readonly at: number };

/** The newest fix of each trackable that somebody follows alone; nothing is made for those that nobody does. */
export class FollowedBoard {
  private readonly moved = new Map<string, { trackable: Followable; fix: Step }>();

  constructor(private readonly hub: Hub) {}

  note(trackable: Followable, fix: Step): void {
    if (!this.hub.watchers.isWatched(streamName(trackable.orgId, 'trackable', trackable.id))) return;
    this.moved.set(trackable.id, { trackable, fix });
  }

  tell(): void {
    for (const { trackable, fix } of this.moved.values()) {
      const { id: trackableId, key, orgId } = trackable;
      const { lat, lng, accuracy, speed, heading } = fix;
      const at = new Date(fix.at).toISOString();
      const data = { trackableId, key, at, lat, lng, accuracy, speed, heading };
      this.hub.emitLatest(trackingLive, 'trackable:moved', { orgId, id: trackableId }, data);
    }
    this.moved.clear();
  }
}
