import type { Meta } from '@loro/contracts/kit/live';
import type { FixesMoved, PackedFix, Trackable } from '@loro/contracts/tracking';
import { listen, tell } from '../transport/timing';
import type { LiveClient, Pager, Subscription } from '../types';
import type { Contracts } from '../tables';

/** Where a trackable was last, in the units of a fix; null stands for unknown. */
export interface FleetPosition {
  /** Milliseconds since 1970, by the hub's clock. */
  readonly at: number;
  readonly lat: number;
  readonly lng: number;
  /** Metres. */
  readonly accuracy: number | null;
  /** Metres a second. */
  readonly speed: number | null;
  /** Degrees clockwise from north. */
  readonly heading: number | null;
}

export interface FleetMember {
  readonly trackable: Trackable;
  readonly position: FleetPosition | null;
}

/** Who belongs to some branches and where they are, kept live. */
export interface Fleet {
  /** By the trackable's id. A member is a new object whenever something of it changed. */
  readonly members: ReadonlyMap<string, FleetMember>;
  /** Resolves when the last known positions are there; rejects with a LoroError when a branch is refused. */
  readonly ready: Promise<void>;
  /** `moved`: positions changed; `changed`: names, branches, lost or found, or new members. Both tell whose. */
  on(event: 'moved' | 'changed', listener: (trackableIds: readonly string[]) => void): () => void;
  close(): void;
}

type TrackingContract = Contracts['tracking'];
export type TrackingLive = LiveClient<TrackingContract['live']> & Pager<TrackingContract['api']['endpoints']>;

/** `0` is a value, −1 is none. */
const known = (value: number, unit = 1): number | null => (value < 0 ? null : value / unit);

/** @example unpack([7, 250, 469000000, 145000000, 5, 1340, 90], Date.parse(at)) // { at: …, lat: 46.9, lng: 14.5, … } */
export const unpack = ([, dtMs, latE7, lngE7, accuracyM, speedCmS, heading]: PackedFix, at: number): FleetPosition => ({
  at: at - dtMs,
  lat: latE7 / 1e7,
  lng: lngE7 / 1e7,
  accuracy: known(accuracyM),
  speed: known(speedCmS, 100),
  heading: known(heading),
});

export class LiveFleet implements Fleet {
  readonly members = new Map<string, FleetMember>();
  readonly ready: Promise<void>;
  private readonly idsByKey = new Map<number, string>();
  /** Fixes that came before anybody said whose they are. */
  private readonly strangers = new Map<number, FleetPosition>();
  private readonly moved = new Set<(ids: readonly string[]) => void>();
  private readonly changed = new Set<(ids: readonly string[]) => void>();
  private readonly subscriptions: readonly Subscription[];
  private readonly stops: readonly (() => void)[];

  constructor(
    private readonly tracking: TrackingLive,
    branchIds: readonly string[],
  ) {
    const ofFleet =
      <T>(take: (data: T) => void) =>
      (data: T, { stream }: Meta): void => {
        if (this.subscriptions.some((subscription) => subscription.stream === stream)) take(data);
      };
    this.stops = [
      tracking.on(
        'trackable:keyed',
        ofFleet(({ trackables }) => this.know(trackables)),
      ),
      tracking.on(
        'fixes:moved',
        ofFleet((moved) => this.move(moved)),
      ),
      tracking.on(
        'trackable:lost',
        ofFleet((trackable) => this.know([trackable])),
      ),
      tracking.on(
        'trackable:found',
        ofFleet((trackable) => this.know([trackable])),
      ),
    ];
    // The yard first: who is lost after the fleet's snapshot was taken is then told by an event.
    const yards = branchIds.map((id) => tracking.subscribe('yard', id, { onReset: () => void this.reload(id) }));
    const fleets = branchIds.map((id) => tracking.subscribe('fleet', id));
    this.subscriptions = [...yards, ...fleets];
    this.ready = Promise.all(fleets.map(({ ready }) => ready)).then(() => undefined);
    this.ready.catch(() => {});
  }

  on(event: 'moved' | 'changed', listener: (ids: readonly string[]) => void): () => void {
    return listen(event === 'moved' ? this.moved : this.changed, listener);
  }

  close(): void {
    for (const stop of this.stops) stop();
    for (const subscription of this.subscriptions) subscription.close();
  }

  private know(trackables: readonly Trackable[]): void {
    for (const trackable of trackables) {
      const { id, key } = trackable;
      const stranger = this.strangers.get(key) ?? null;
      this.strangers.delete(key);
      this.idsByKey.set(key, id);
      this.members.set(id, { trackable, position: newer(this.members.get(id)?.position ?? null, stranger) });
    }
    if (trackables.length > 0)
      tell(
        this.changed,
        trackables.map(({ id }) => id),
      );
  }

  private move({ at, fixes }: FixesMoved): void {
    const instant = Date.parse(at);
    const ids: string[] = [];
    for (const packed of fixes) {
      const [key] = packed;
      const position = unpack(packed, instant);
      const id = this.idsByKey.get(key);
      const member = id === undefined ? undefined : this.members.get(id);
      if (id === undefined || !member) {
        const kept = newer(this.strangers.get(key) ?? null, position);
        if (kept) this.strangers.set(key, kept);
        continue;
      }
      // Several nodes send for one stream; an older fix may come after a newer one.
      if (newer(member.position, position) !== position) continue;
      this.members.set(id, { ...member, position });
      ids.push(id);
    }
    if (ids.length > 0) tell(this.moved, ids);
  }

  /** The yard's events were missed, and with them who was lost and found. */
  private async reload(branchId: string): Promise<void> {
    try {
      for await (const { data } of this.tracking.pages('trackables', { branchId })) this.know(data);
    } catch {
      // The next connection brings a snapshot of its own.
    }
  }
}

/** The newer of two positions; the first one when they are of the same instant. */
const newer = (kept: FleetPosition | null, next: FleetPosition | null): FleetPosition | null =>
  kept && (!next || next.at <= kept.at) ? kept : next;
