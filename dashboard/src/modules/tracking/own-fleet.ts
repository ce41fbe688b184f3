import type { Fleet, FleetMember, FleetPosition } from '@loro/client';
import type { LastPosition, TrackableMoved } from '@loro/contracts/tracking';
import { hub } from '../../app/hub';

type Listener = (trackableIds: readonly string[]) => void;

/** Where a person is who may see nobody but themselves: their own trackables, each by a stream of its own. */
export class OwnFleet implements Fleet {
  readonly members = new Map<string, FleetMember>();
  readonly ready: Promise<void>;
  private readonly listeners = { moved: new Set<Listener>(), changed: new Set<Listener>() };
  private readonly off = hub.tracking.on('trackable:moved', (moved) => this.move(moved));
  private subscriptions: { close: () => void }[] = [];
  private isClosed = false;

  constructor() {
    this.ready = this.open();
    this.ready.catch(() => undefined);
  }

  on(event: 'moved' | 'changed', listener: Listener): () => void {
    this.listeners[event].add(listener);
    return () => this.listeners[event].delete(listener);
  }

  close(): void {
    this.isClosed = true;
    this.off();
    for (const subscription of this.subscriptions) subscription.close();
  }

  private async open(): Promise<void> {
    const [trackables, positions] = await Promise.all([
      hub.tracking.trackables({ limit: 200 }),
      hub.tracking.positions({ limit: 200 }),
    ]);
    if (this.isClosed) return;
    const known = new Map(positions.data.map((position) => [position.trackableId, position]));
    for (const trackable of trackables.data) {
      const position = known.get(trackable.id);
      this.members.set(trackable.id, { trackable, position: position ? placeOf(position) : null });
    }
    this.tell('changed', [...this.members.keys()]);
    // The first answer of such a stream is the newest position, so that nothing falls between this list and it.
    this.subscriptions = [...this.members.keys()].map((id) => hub.tracking.subscribe('trackable', id));
  }

  private move(moved: TrackableMoved): void {
    const member = this.members.get(moved.trackableId);
    const position = placeOf(moved);
    if (!member || (member.position && member.position.at >= position.at)) return;
    // Whoever moves is not lost.
    this.members.set(moved.trackableId, { trackable: { ...member.trackable, lostAt: null }, position });
    this.tell('moved', [moved.trackableId]);
  }

  private tell(event: 'moved' | 'changed', ids: readonly string[]): void {
    for (const listener of this.listeners[event]) listener(ids);
  }
}

const placeOf = ({ at, lat, lng, accuracy, speed, heading }: LastPosition | TrackableMoved): FleetPosition => ({
  at: Date.parse(at),
  lat,
  lng,
  accuracy,
  speed,
  heading,
});
