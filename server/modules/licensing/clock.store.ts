import type { Hub } from '../../platform';
import { isClockBehind } from './license-file.policy';
import { changed } from './rows.store';

interface Row {
  readonly greatestAt: Date;
  readonly behindMs: number | null;
  readonly tickedAt: Date;
}

/** A tick that was missed for longer counts as this, so that a machine that was off does not use up its grace. */
const TICK_AT_MOST_MS = 15 * 60_000;
const TICK_AT_LEAST_MS = 60_000;

/** The greatest time that is known to have been: whoever sets the clock of an installation back is seen by it. */
export class ClockStore {
  constructor(private readonly hub: Hub) {}

  /** For how long the clock has been behind; null: it is not. */
  async behindMs(): Promise<number | null> {
    const row = await this.read();
    return row && isClockBehind(row.greatestAt, this.hub.now()) ? (row.behindMs ?? 0) : null;
  }

  /** Some time is known to have been: a file was signed then. */
  async know(at: Date): Promise<void> {
    await changed(
      this.hub,
      `INSERT INTO license_clock (one, greatest_at, ticked_at) VALUES (1, :at, :now)
       ON DUPLICATE KEY UPDATE greatest_at = GREATEST(greatest_at, VALUES(greatest_at))`,
      { at, now: this.hub.now() },
    );
  }

  /** Looks at the clock; while it is behind, adds up for how long. */
  async tick(known: Date | null): Promise<void> {
    const now = this.hub.now();
    const row = await this.read();
    const greatest = [row?.greatestAt, known].reduce<Date | null>((a, b) => (b && (!a || b > a) ? b : a), null);
    if (greatest === null || !isClockBehind(greatest, now)) {
      await this.know(greatest !== null && greatest > now ? greatest : now);
      await changed(this.hub, 'UPDATE license_clock SET behind_ms = NULL, ticked_at = :now', { now });
      return;
    }
    await this.know(greatest);
    const sinceMs = row ? Math.abs(now.getTime() - row.tickedAt.getTime()) : 0;
    const addMs = Math.min(Math.max(sinceMs, TICK_AT_LEAST_MS), TICK_AT_MOST_MS);
    await changed(this.hub, 'UPDATE license_clock SET behind_ms = COALESCE(behind_ms, 0) + :addMs, ticked_at = :now', {
      addMs,
      now,
    });
  }

  private async read(): Promise<Row | undefined> {
    const [row] = await this.hub.select<Row>(
      'SELECT greatest_at AS greatestAt, behind_ms AS behindMs, ticked_at AS tickedAt FROM license_clock WHERE one = 1',
    );
    return row;
  }
}
