import { trackingLive } from '@loro/contracts/tracking';
import type { Hub } from '../../platform';
import { type Anchor, pack } from './fix.policy';

const TICK_MS = 100;

/** A fix that may be shown: `at` in milliseconds since 1970, degrees, metres, metres a second. */
export interface LiveFix extends Anchor {
  readonly speed: number | null;
  readonly heading: number | null;
}

interface Tracked {
  readonly id: string;
  readonly key: number;
  readonly orgId: string;
  readonly branchId: string;
}

/** The newest fix of each trackable that moved since the last tick; one `fixes:moved` a branch and tick. */
export class FleetBoard {
  private readonly newest = new Map<string, LiveFix>();
  private readonly moved = new Map<string, { orgId: string; branchId: string; fixes: Map<number, LiveFix> }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly hub: Hub) {}

  /** The newest fix this node has seen of a trackable. */
  last(trackableId: string): LiveFix | undefined {
    return this.newest.get(trackableId);
  }

  note({ id, key, orgId, branchId }: Tracked, fix: LiveFix): void {
    const known = this.newest.get(id);
    if (known && known.at >= fix.at) return;
    this.newest.set(id, fix);
    const room = `${orgId}:${branchId}`;
    let waiting = this.moved.get(room);
    if (!waiting) this.moved.set(room, (waiting = { orgId, branchId, fixes: new Map() }));
    waiting.fixes.set(key, fix);
    this.timer ??= setTimeout(() => this.tick(), TICK_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private tick(): void {
    this.timer = undefined;
    const now = this.hub.now();
    for (const { orgId, branchId, fixes } of this.moved.values())
      this.hub.emitLatest(
        trackingLive,
        'fixes:moved',
        { orgId, id: branchId },
        { at: now.toISOString(), fixes: [...fixes].map(([key, fix]) => pack(key, fix.at, now.getTime(), fix)) },
      );
    this.moved.clear();
  }
}
