import type { Assignment } from '@loro/contracts/attendance-rosters';
import { addDays, type After, type Hub } from '../../platform';
import type { DirtyStore } from './dirty.store';
import type { PlacesService } from './places.service';
import type { RostersStore } from './rosters.store';

/** What changed about plans and rules concerns days as far back as this. */
const BACK_DAYS = 62;
const ALL_AT_ONCE = 5_000;

/** Which days a change of plans and rules concerns: those up to today; later ones are computed when they come. */
export class RecomputingService {
  constructor(
    private readonly hub: Hub,
    private readonly dirty: DirtyStore,
    private readonly rosters: RostersStore,
    private readonly places: PlacesService,
  ) {}

  /** From a date to a date, both included. In the caller’s transaction. */
  async people(
    orgId: string,
    userIds: readonly string[],
    span: { from: string; to: string | null },
    after: After,
  ): Promise<void> {
    const last = addDays(await this.places.today(orgId, null), 1);
    const oldest = addDays(last, -BACK_DAYS);
    const to = span.to === null || span.to > last ? last : span.to;
    this.dirty.span(orgId, userIds, span.from < oldest ? oldest : span.from, to, after);
  }

  async target(
    orgId: string,
    target: Pick<Assignment, 'targetType' | 'targetId' | 'from' | 'to'>,
    after: After,
  ): Promise<void> {
    const people = await this.rosters.peopleOf(orgId, target, target.from);
    await this.people(orgId, people, { from: target.from, to: target.to }, after);
  }

  /** Everybody who has days, as after a change of an overtime policy. */
  async everybody(orgId: string, after: After): Promise<void> {
    const from = addDays(await this.places.today(orgId, null), -BACK_DAYS);
    const rows = await this.hub.select<{ userId: string }>(
      `SELECT DISTINCT user_id AS userId FROM attendance_days WHERE org_id = :orgId AND work_date >= :from LIMIT ${ALL_AT_ONCE}`,
      { orgId, from },
    );
    await this.people(
      orgId,
      rows.map(({ userId }) => userId),
      { from, to: null },
      after,
    );
  }
}
