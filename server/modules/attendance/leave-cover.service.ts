import { type Hub, HubError } from '../../platform';
import { branches } from '../branches';
import { configuration } from '../configuration';
import type { LeavePerson } from './leave-people.store';

export interface Cover {
  readonly mode: 'warn' | 'refuse';
  /** Dates on which fewer people would be there than the branch needs. */
  readonly short: string[];
}

/** How many people a branch keeps while somebody is away. */
export class LeaveCoverService {
  constructor(private readonly hub: Hub) {}

  /**
   * What leave of a person on these dates would leave. Where that is refused, whoever looks waits for others who look at
   * the same branch, and then sees what they did: it is read outside the transaction, as it is committed.
   */
  async of(orgId: string, { userId, branchId }: LeavePerson, dates: readonly string[]): Promise<Cover> {
    const nothing: Cover = { mode: 'warn', short: [] };
    if (branchId === null || dates.length === 0) return nothing;
    const scope = { orgId, branchIds: await this.hub.use(branches).chainOf(orgId, branchId) };
    const settings = this.hub.use(configuration);
    const least = await settings.value('leave.cover-min-staff', scope);
    if (least === 0) return nothing;
    const mode = await settings.value('leave.cover-mode', scope);
    if (mode === 'refuse')
      await this.hub.select('SELECT id FROM branches WHERE org_id = :orgId AND id = :branchId FOR UPDATE', {
        orgId,
        branchId,
      });
    const there = await this.there(orgId, branchId, userId, dates);
    return { mode, short: dates.filter((date) => (there.get(date) ?? 0) < least) };
  }

  /** @throws HubError COVER_TOO_LOW where the branch refuses it */
  async mustHold(orgId: string, person: LeavePerson, dates: readonly string[]): Promise<Cover> {
    const cover = await this.of(orgId, person, dates);
    if (cover.mode === 'warn' || cover.short.length === 0) return cover;
    throw new HubError('COVER_TOO_LOW', `Too few would be there on ${cover.short.slice(0, 5).join(', ')}.`, {
      errors: cover.short.map((date) => ({ path: 'from', code: 'cover_too_low', message: date })),
    });
  }

  /** How many others of the branch are there on each date: its members without those on approved leave. */
  private async there(
    orgId: string,
    branchId: string,
    userId: string,
    dates: readonly string[],
  ): Promise<Map<string, number>> {
    const [from, to] = [dates[0] ?? '', dates.at(-1) ?? ''];
    const members = await this.hub.reads.all<{ userId: string; from: string; to: string | null }>(
      `SELECT user_id AS userId, DATE_FORMAT(from_date, '%Y-%m-%d') AS \`from\`, DATE_FORMAT(to_date, '%Y-%m-%d') AS \`to\`
        FROM leave_members WHERE org_id = ? AND branch_id = ? AND user_id <> ? AND from_date <= ? AND (to_date IS NULL OR to_date > ?)`,
      [orgId, branchId, userId, to, from],
    );
    if (members.length === 0) return new Map();
    const away = await this.hub.reads.all<{ userId: string; date: string }>(
      `SELECT d.user_id AS userId, DATE_FORMAT(d.date, '%Y-%m-%d') AS date FROM leave_days d
         JOIN leave_requests r ON r.org_id = d.org_id AND r.id = d.request_id
        WHERE d.org_id = ? AND d.user_id IN (?) AND d.date BETWEEN ? AND ? AND d.milli_days > 0
          AND d.released_at IS NULL AND r.state IN ('approved', 'taken', 'shortened')`,
      [orgId, members.map((member) => member.userId), from, to],
    );
    const isAway = new Set(away.map((day) => `${day.userId}:${day.date}`));
    return new Map(
      dates.map((date) => {
        const there = members.filter(
          (member) =>
            member.from <= date && (member.to === null || date < member.to) && !isAway.has(`${member.userId}:${date}`),
        );
        return [date, new Set(there.map((member) => member.userId)).size];
      }),
    );
  }
}
