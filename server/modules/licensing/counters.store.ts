import type { Hub } from '../../platform';
import type { Period } from './periods.policy';
import { changed } from './rows.store';

/** Where the counter of a limit stands, which has no periods. */
export const ALWAYS = new Date(0);

/** Something that was used once. */
export interface Metered {
  readonly id: string;
  readonly feature: string;
  readonly quantity: number;
  readonly at: Date;
}

interface CounterRow {
  readonly feature: string;
  readonly periodStart: Date;
  readonly periodEnd: Date | null;
  readonly used: number;
}

/** Sums of what is used, per organisation, feature and period. */
export class CountersStore {
  constructor(private readonly hub: Hub) {}

  /**
   * In the caller’s transaction: how many there are, the row held until its end; counted where nobody has yet. `before`
   * is what the transaction saw of it so far, null where there was none.
   */
  async lock(
    orgId: string,
    feature: string,
    count: () => Promise<number>,
  ): Promise<{ kept: number; before: number | null }> {
    const at = { orgId, feature, start: ALWAYS };
    const one = 'org_id = :orgId AND feature = :feature AND period_start = :start';
    const [known] = await this.hub.select<{ used: number }>(`SELECT used FROM usage_counters WHERE ${one}`, at);
    // Locking a row that is not there would lock the gap, in which another one begins its own.
    if (!known)
      await changed(
        this.hub,
        `INSERT INTO usage_counters (org_id, feature, period_start, used) VALUES (:orgId, :feature, :start, :used)
         ON DUPLICATE KEY UPDATE used = used`,
        { ...at, used: Math.max(0, await count()) },
      );
    const [row] = await this.hub.select<{ used: number }>(
      `SELECT used FROM usage_counters WHERE ${one} FOR UPDATE`,
      at,
    );
    return { kept: row?.used ?? 0, before: known?.used ?? null };
  }

  async set(orgId: string, feature: string, used: number): Promise<void> {
    await changed(
      this.hub,
      `INSERT INTO usage_counters (org_id, feature, period_start, used) VALUES (:orgId, :feature, :start, :used)
       ON DUPLICATE KEY UPDATE used = VALUES(used)`,
      { orgId, feature, start: ALWAYS, used },
    );
  }

  async add(orgId: string, feature: string, { start, end }: Period, quantity: number): Promise<void> {
    await changed(
      this.hub,
      `INSERT INTO usage_counters (org_id, feature, period_start, period_end, used)
       VALUES (:orgId, :feature, :start, :end, :quantity) ON DUPLICATE KEY UPDATE used = used + :quantity`,
      { orgId, feature, start, end, quantity },
    );
  }

  async addDay(orgId: string, feature: string, day: string, quantity: number): Promise<void> {
    await changed(
      this.hub,
      `INSERT INTO usage_daily (org_id, feature, day, quantity) VALUES (:orgId, :feature, :day, :quantity)
       ON DUPLICATE KEY UPDATE quantity = quantity + :quantity`,
      { orgId, feature, day, quantity },
    );
  }

  async used(orgId: string, feature: string, periodStart: Date): Promise<number> {
    const [row] = await this.hub.select<{ used: number }>(
      'SELECT used FROM usage_counters WHERE org_id = :orgId AND feature = :feature AND period_start = :periodStart',
      { orgId, feature, periodStart },
    );
    return row?.used ?? 0;
  }

  /** Every period that ended after an instant, limits included. */
  async since(orgId: string, from: Date): Promise<CounterRow[]> {
    return this.hub.select<CounterRow>(
      `SELECT feature, period_start AS periodStart, period_end AS periodEnd, used FROM usage_counters
       WHERE org_id = :orgId AND (period_end IS NULL OR period_end > :from) ORDER BY feature, period_start DESC`,
      { orgId, from },
    );
  }

  async days(orgId: string, feature: string, from: Date): Promise<{ day: string; quantity: number }[]> {
    return this.hub.select<{ day: string; quantity: number }>(
      `SELECT CAST(day AS CHAR) AS day, quantity FROM usage_daily
       WHERE org_id = :orgId AND feature = :feature AND day >= DATE(:from) ORDER BY day`,
      { orgId, feature, from },
    );
  }

  /** Who used something in a period, once each. */
  async notePeople(people: readonly (readonly [orgId: string, feature: string, start: Date, userId: string])[]) {
    for (const [orgId, feature, start, userId] of people)
      await changed(
        this.hub,
        `INSERT IGNORE INTO usage_people (org_id, feature, period_start, user_id) VALUES (:orgId, :feature, :start, :userId)`,
        { orgId, feature, start, userId },
      );
  }

  async people(orgId: string, feature: string, start: Date): Promise<number> {
    const [row] = await this.hub.select<{ n: number }>(
      'SELECT COUNT(*) AS n FROM usage_people WHERE org_id = :orgId AND feature = :feature AND period_start = :start',
      { orgId, feature, start },
    );
    return row?.n ?? 0;
  }

  /** In the caller’s transaction. @returns ids of those that had not been counted before */
  async note(orgId: string, batch: string, events: readonly Metered[]): Promise<Set<string>> {
    const now = this.hub.now();
    const rows = events.map(({ id, feature, quantity, at }) => [
      orgId,
      id,
      feature,
      quantity,
      precise(at),
      precise(now),
      batch,
    ]);
    await changed(
      this.hub,
      `INSERT IGNORE INTO usage_events (org_id, event_id, feature, quantity, at, received_at, batch) VALUES :rows`.replace(
        ':rows',
        rows.map((_, at) => `(:row${at})`).join(', '),
      ),
      Object.fromEntries(rows.map((row, at) => [`row${at}`, row])),
    );
    const mine = await this.hub.select<{ id: string }>(
      'SELECT event_id AS id FROM usage_events WHERE org_id = :orgId AND batch = :batch',
      { orgId, batch },
    );
    return new Set(mine.map(({ id }) => id));
  }

  /** In the caller’s transaction: they were not counted after all. */
  async unnote(orgId: string, ids: readonly string[]): Promise<void> {
    const sql = 'DELETE FROM usage_events WHERE org_id = :orgId AND event_id IN (:ids)';
    if (ids.length > 0) await changed(this.hub, sql, { orgId, ids: [...ids] });
  }

  /** In the caller’s transaction: what is used of a period, its row held. */
  async lockPeriod(orgId: string, feature: string, period: Period): Promise<number> {
    await this.add(orgId, feature, period, 0);
    const [row] = await this.hub.select<{ used: number }>(
      `SELECT used FROM usage_counters WHERE org_id = :orgId AND feature = :feature AND period_start = :start FOR UPDATE`,
      { orgId, feature, start: period.start },
    );
    return row?.used ?? 0;
  }

  /** @returns false where it was told before */
  async alert(orgId: string, feature: string, start: Date, threshold: number): Promise<boolean> {
    const rows = await changed(
      this.hub,
      `INSERT IGNORE INTO limit_alerts (org_id, feature, period_start, threshold, at)
       VALUES (:orgId, :feature, :start, :threshold, :now)`,
      { orgId, feature, start, threshold, now: this.hub.now() },
    );
    return rows > 0;
  }

  /** What a limit stands below again is told anew when it is reached anew. */
  async unalert(orgId: string, feature: string, thresholds: readonly number[]): Promise<void> {
    if (thresholds.length === 0) return;
    await changed(
      this.hub,
      'DELETE FROM limit_alerts WHERE org_id = :orgId AND feature = :feature AND period_start = :start AND threshold IN (:thresholds)',
      { orgId, feature, start: ALWAYS, thresholds: [...thresholds] },
    );
  }
}

// Inside a list a Date would lose its milliseconds.
const precise = (at: Date): string => at.toISOString().replace('T', ' ').replace('Z', '');
