import type { Roster, RosterDay } from '@loro/contracts/attendance-rosters';
import { type Actor, addDays, allow, type Hub, Invalid, NotFound } from '../../platform';
import type { DateFacts } from './compute.policy';
import { scheduledSecOf } from './day.policy';
import type { FactsService } from './facts.service';
import { reachSql } from './reach';

const MOST_DAYS = 62;
const MOST_PEOPLE = 500;

interface RosterQuery {
  readonly branchId?: string | undefined;
  readonly userId?: string | undefined;
  readonly from: string;
  readonly to?: string | undefined;
}

/** Who works when, by everything that is planned. */
export class RostersService {
  constructor(
    private readonly hub: Hub,
    private readonly facts: FactsService,
  ) {}

  async roster(actor: Actor, { branchId, userId, from, to = addDays(from, 7) }: RosterQuery): Promise<Roster> {
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
    if (days < 1 || days > MOST_DAYS)
      throw new Invalid('BAD_QUERY', 'Wrong: to.', {
        errors: [{ path: 'to', code: 'custom', message: `is 1 to ${MOST_DAYS} days after from` }],
      });
    if (branchId !== undefined && !(await this.hub.ports.hasBranch(actor.orgId, branchId)))
      throw new NotFound('This branch');
    const ids = await this.peopleOf(actor, { branchId, userId });
    if (userId !== undefined && ids.length === 0) throw new NotFound('This person');
    return { from, to, people: await this.of(actor.orgId, ids, from, addDays(to, -1)) };
  }

  /** What is planned for somebody from a date to a date, both included; for rooms that asked their own permission. */
  async scheduleOf(orgId: string, userId: string, from: string, to: string): Promise<RosterDay[]> {
    return (await this.of(orgId, [userId], from, to))[0]?.days ?? [];
  }

  async dayOf(orgId: string, userId: string, date: string): Promise<RosterDay> {
    const [day] = await this.scheduleOf(orgId, userId, date, date);
    if (!day) throw new NotFound('This person');
    return day;
  }

  private async of(orgId: string, ids: readonly string[], from: string, to: string): Promise<Roster['people']> {
    if (ids.length === 0) return [];
    const { people } = await this.facts.load(orgId, ids, { from, to });
    return people
      .map(({ person, facts }) => ({
        userId: person.userId,
        name: person.name,
        days: facts.dates.filter(({ date }) => date >= from && date <= to).map(dayOf),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.userId < b.userId ? -1 : 1));
  }

  private async peopleOf(
    actor: Actor,
    { branchId, userId }: Pick<RosterQuery, 'branchId' | 'userId'>,
  ): Promise<string[]> {
    const { orgId } = actor;
    if (userId === undefined && branchId === undefined) {
      allow(actor, 'shifts.read');
      return [actor.userId];
    }
    const reach = reachSql(actor, 'shifts.read', { branch: 'home_branch_id' });
    const rows = await this.hub.select<{ userId: string }>(
      `SELECT user_id AS userId FROM attendance_people WHERE org_id = :orgId AND kind = 'person' AND ${reach.sql}
        ${userId === undefined ? "AND status <> 'deactivated'" : 'AND user_id = :userId'}
        ${branchId === undefined ? '' : 'AND home_branch_id = :branchId'} ORDER BY name LIMIT ${MOST_PEOPLE}`,
      { ...reach.values, orgId, userId, branchId },
    );
    return rows.map((row) => row.userId);
  }
}

const dayOf = (facts: DateFacts): RosterDay => ({
  date: facts.date,
  timezone: facts.zone,
  branchId: facts.branchId,
  source: facts.source,
  isOff: facts.isOff,
  shifts: facts.occurrences.map((occurrence) => ({
    occurrenceKey: occurrence.key,
    shiftId: occurrence.template.shiftId,
    name: occurrence.template.name,
    startsAt: new Date(occurrence.startMs).toISOString(),
    endsAt: new Date(occurrence.endMs).toISOString(),
    scheduledSec: scheduledSecOf(occurrence),
  })),
  holiday: facts.holiday?.name ?? null,
  leaveMilliDays: facts.leave.reduce((sum, { milliDays }) => sum + milliDays, 0),
});
