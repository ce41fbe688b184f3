import { trackingLive } from '@loro/contracts/tracking';
import { streamName } from '@loro/contracts/kit/live';
import type { Hub } from '../../platform';
import { type LiveFix, pack } from './fix.policy';
import type { FleetMirror } from './fleet.mirror';
import { cellOf } from './cells.policy';
import { FollowedBoard } from './pace';

const TICK_MS = 100;
/** Of a node that has too much to do. */
const STRETCHED_TICK_MS = 500;

interface Tracked {
  readonly id: string;
  readonly key: number;
  readonly orgId: string;
  readonly branchId: string;
}

/**
 * The newest fix of each trackable that moved since the last tick; one `fixes:moved` a branch and tick. The shared store
 * knows a tick before it is told: who joins the stream and then reads the store has missed nothing.
 */
export class FleetBoard {
  private readonly newest = new Map<string, LiveFix>();
  private moved = new Map<string, { orgId: string; branchId: string; fixes: Map<number, LiveFix> }>();
  private readonly followed: FollowedBoard;
  private readonly cells = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly mirror: FleetMirror,
    /** Brings MySQL up to date, for readers who have no mirror to look into. */
    private readonly raise: () => Promise<void>,
  ) {
    this.followed = new FollowedBoard(hub);
  }

  /** The newest fix this node has seen of a trackable. */
  last(trackableId: string): LiveFix | undefined {
    return this.newest.get(trackableId);
  }

  /** @returns whether it is newer than what was known */
  note({ id, key, orgId, branchId }: Tracked, fix: LiveFix): boolean {
    const known = this.newest.get(id);
    if (known && known.at >= fix.at) return false;
    this.newest.set(id, fix);
    const room = `${orgId}:${branchId}`;
    let waiting = this.moved.get(room);
    if (!waiting) this.moved.set(room, (waiting = { orgId, branchId, fixes: new Map() }));
    waiting.fixes.set(key, fix);
    this.followed.note({ id, key, orgId }, fix);
    return true;
  }

  /** Something moved: the next tick tells it. */
  wake(): void {
    this.timer ??= setTimeout(() => void this.tick(), this.hub.load.isStretched ? STRETCHED_TICK_MS : TICK_MS);
  }

  async stop(): Promise<void> {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    await this.tick();
    clearTimeout(this.timer);
  }

  private async tick(): Promise<void> {
    this.timer = undefined;
    const { moved } = this;
    this.moved = new Map();
    if (this.mirror.isUp) for (const fleet of moved.values()) this.mirror.note(fleet, fleet.fixes);
    // An error is the raiser's to repeat. What is on the screens may be newer than what a reload would show.
    else await this.raise().catch(() => {});
    this.tell(moved);
    this.tellCells(moved);
    this.followed.tell();
  }

  private tell(moved: typeof this.moved): void {
    const now = this.hub.now();
    const at = now.toISOString();
    for (const { orgId, branchId, fixes } of moved.values())
      this.hub.emitLatest(
        trackingLive,
        'fixes:moved',
        { orgId, id: branchId },
        { at, fixes: [...fixes].map(([key, fix]) => pack(key, fix.at, now.getTime(), fix)) },
      );
  }

  /** Only who came into another cell, and only where somebody looks. */
  private tellCells(moved: typeof this.moved): void {
    const now = this.hub.now();
    for (const { orgId, branchId, fixes } of moved.values()) {
      if (!this.hub.watchers.isWatched(streamName(orgId, 'cells', branchId))) continue;
      const cells = [...fixes].flatMap(([key, fix]): [number, number, string][] => {
        const cell = cellOf(fix);
        const id = `${orgId}:${key}`;
        if (this.cells.get(id) === cell) return [];
        this.cells.set(id, cell);
        return [[key, now.getTime() - fix.at, cell]];
      });
      if (cells.length === 0) continue;
      this.hub.emitLatest(trackingLive, 'cells:moved', { orgId, id: branchId }, { at: now.toISOString(), cells });
    }
  }
}
