import { computeDay } from '@loro/contracts/attendance-jobs';
import { recomputeDays } from '@loro/contracts/attendance-live';
import { QueryTypes } from 'sequelize';
import type { After, Hub } from '../../platform';

/** What arrives together is computed together. */
const DEBOUNCE_MS = 2_000;
const PEOPLE_AT_ONCE = 200;

/** Days whose facts changed. At most one job waits for a person and date, however much happens to it. */
export class DirtyStore {
  constructor(private readonly hub: Hub) {}

  async mark(orgId: string, userId: string, date: string, after: After): Promise<void> {
    const [, isNew] = await this.hub.sequelize.query(
      'INSERT IGNORE INTO attendance_dirty (org_id, user_id, date, since) VALUES (?, ?, ?, ?)',
      { replacements: [orgId, userId, date, this.hub.now()], type: QueryTypes.INSERT },
    );
    if (isNew > 0) after.enqueue(computeDay, { orgId, userId, date }, { delayMs: DEBOUNCE_MS });
  }

  /** From here on what happens needs a job of its own; waits for who is marking right now. */
  async take(orgId: string, userId: string, date: string): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM attendance_dirty WHERE org_id = ? AND user_id = ? AND date = ?', {
      replacements: [orgId, userId, date],
    });
  }

  /** Asks for the days of many people anew, from a date to a date, both included. */
  span(orgId: string, userIds: readonly string[], from: string, to: string, after: After): void {
    if (from > to) return;
    const ids = [...new Set(userIds)].toSorted();
    for (let at = 0; at < ids.length; at += PEOPLE_AT_ONCE)
      after.enqueue(recomputeDays, { orgId, userIds: ids.slice(at, at + PEOPLE_AT_ONCE), from, to });
  }
}
