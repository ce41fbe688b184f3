import type { Hub } from '../../platform';

const POLL_MS = 1_000;
/** Rows become visible when their transaction commits; looking back this far misses none that commits within it. */
const LOOK_BACK_MS = 15_000;
const POKE = 'configuration';

/** The organisation of what is set for the whole hub. */
export const HUB_ORG = '00000000000000000000000000';

/**
 * Tells every process whose settings or flags changed: a row counts an organisation's changes, and is read every
 * second, sooner on a poke. Times are the database's own, so that no clock of a node matters.
 */
export class ConfigVersions {
  private readonly known = new Map<string, number>();
  private readonly listeners: ((orgId: string) => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private reading = false;
  private again = false;
  private readAt = 0;

  constructor(private readonly hub: Hub) {}

  onChange(listener: (orgId: string) => void): void {
    this.listeners.push(listener);
  }

  /** Counts a change in the caller's transaction; whoever else counts one for the same organisation waits for its end. */
  async bump(orgId: string): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO config_versions (org_id, n, at) VALUES (:orgId, 1, UTC_TIMESTAMP(3))
       ON DUPLICATE KEY UPDATE n = n + 1, at = UTC_TIMESTAMP(3)`,
      { replacements: { orgId } },
    );
    this.hub.afterCommit(() => {
      this.tell(orgId);
      this.hub.pokes.poke(POKE);
    });
  }

  start(): void {
    this.readAt = performance.now();
    this.timer = setInterval(() => void this.read(), POLL_MS);
    this.hub.pokes.on(POKE, () => void this.read());
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async read(): Promise<void> {
    if (this.reading) {
      // What was poked while the rows were read may not be among them.
      this.again = true;
      return;
    }
    this.reading = true;
    const startedAt = performance.now();
    try {
      const lookBackMs = Math.ceil(startedAt - this.readAt) + LOOK_BACK_MS;
      const rows = await this.hub.reads.all<{ orgId: string; n: number }>(
        'SELECT org_id AS orgId, n FROM config_versions WHERE at >= UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND',
        [lookBackMs * 1_000],
      );
      for (const { orgId, n } of rows) {
        if (this.known.get(orgId) === n) continue;
        this.known.set(orgId, n);
        this.tell(orgId);
      }
      this.readAt = startedAt;
    } catch (error) {
      this.hub.log.warn({ err: error }, 'reading changes of settings failed, will repeat');
    } finally {
      this.reading = false;
    }
    if (!this.again) return;
    this.again = false;
    await this.read();
  }

  private tell(orgId: string): void {
    for (const listener of this.listeners) listener(orgId);
  }
}
