import type { Seen } from '../../auth/ports';
import type { Hub } from '../../hub';

const EVERY_MS = 60_000;

/** Passes on who is connected, at most once a minute a person. */
export class LastSeen {
  private readonly noted = new Map<string, number>();
  private isNoting = false;

  constructor(private readonly hub: Hub) {}

  note(connected: readonly Omit<Seen, 'at'>[]): void {
    const at = this.hub.now();
    const due = new Map<string, Seen>();
    for (const [userId, notedAt] of this.noted) if (notedAt <= at.getTime() - EVERY_MS) this.noted.delete(userId);
    if (this.isNoting) return;
    for (const { orgId, userId } of connected) if (!this.noted.has(userId)) due.set(userId, { orgId, userId, at });
    if (due.size === 0) return;
    for (const userId of due.keys()) this.noted.set(userId, at.getTime());
    this.isNoting = true;
    this.hub.ports
      .noteSeen([...due.values()])
      .catch((error: unknown) => this.hub.log.warn({ err: error }, 'who was seen could not be noted'))
      .finally(() => {
        this.isNoting = false;
      });
  }
}
