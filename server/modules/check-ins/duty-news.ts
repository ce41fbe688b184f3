import type { Hub } from '../../platform';

type Heard = (orgId: string, userId: string) => void;

const POKE = 'duty';
const LOOK_MS = 1_000;
/** Rows become visible when their transaction commits; looking back this far misses none that commits within it. */
const LOOK_BACK_MS = 10_000;

/** Tells this node whose duty changed on any of them: rows that are read every second, sooner on a poke. */
export class DutyNews {
  private readonly listeners: Heard[] = [];
  private readonly seen = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private isReading = false;

  constructor(private readonly hub: Hub) {}

  on(listener: Heard): void {
    this.listeners.push(listener);
    if (this.timer) return;
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
    this.hub.pokes.on(POKE, () => void this.look());
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Once the caller's transaction has committed: at once here, within a moment on the other nodes. */
  tell(orgId: string, userId: string): void {
    this.hub.afterCommit(() => {
      for (const listener of this.listeners) listener(orgId, userId);
      this.hub.pokes.poke(POKE);
    });
  }

  private async look(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      const now = this.hub.now().getTime();
      const rows = await this.hub.reads.all<{ orgId: string; userId: string; changedAt: Date }>(
        'SELECT org_id AS orgId, user_id AS userId, changed_at AS changedAt FROM duty_states WHERE changed_at >= ?',
        [new Date(now - LOOK_BACK_MS)],
      );
      for (const { orgId, userId, changedAt } of rows) {
        const key = `${orgId}:${userId}`;
        if (this.seen.get(key) === changedAt.getTime()) continue;
        this.seen.set(key, changedAt.getTime());
        for (const listener of this.listeners) listener(orgId, userId);
      }
      for (const [key, at] of this.seen) if (at < now - 2 * LOOK_BACK_MS) this.seen.delete(key);
    } catch (error) {
      this.hub.log.warn({ err: error }, 'whose duty changed could not be read, will repeat');
    } finally {
      this.isReading = false;
    }
  }
}
