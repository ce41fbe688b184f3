import type { Hub } from '../../platform';

const LOOK_MS = 500;

interface Deadline {
  readonly orgId: string;
  readonly userId: string | null;
  readonly at: number;
}

/**
 * Instants at which rights end by themselves: a licence that lapses, a role that runs out. This process then looks at
 * them anew, connections included, as if somebody had changed them; every other process does the same by its own clock.
 */
export class Deadlines {
  private readonly known = new Map<string, Deadline>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly hub: Hub) {}

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The next one of somebody; `userId` null: of the whole organisation. */
  set(orgId: string, userId: string | null, at: Date | null): void {
    const key = `${orgId}:${userId ?? ''}`;
    const known = this.known.get(key);
    // One that has come is still to be told: whoever asks anew meanwhile does not speak for the open connections.
    if (known && known.at <= this.hub.now().getTime()) return;
    if (at) this.known.set(key, { orgId, userId, at: at.getTime() });
    else this.known.delete(key);
  }

  private look(): void {
    const now = this.hub.now().getTime();
    for (const [key, { orgId, userId, at }] of this.known) {
      if (at > now) continue;
      this.known.delete(key);
      this.hub.changes.tell({ id: '', orgId, userId, sessionId: null });
    }
  }
}
