import { addDays, type After, type Hub } from '../../platform';
import { branches } from '../branches';
import { checkIns } from '../check-ins';
import { people } from '../people';
import { tracking } from '../tracking';
import { AssignmentsService } from './assignments.service';
import { ClaimingService } from './claiming.service';
import { ComputingService } from './computing.service';
import { CorrectionsService } from './corrections.service';
import { DayRowsStore } from './day-rows.store';
import { DaysService } from './days.service';
import { DaysStore } from './days.store';
import { DirtyStore } from './dirty.store';
import { FactsService } from './facts.service';
import { FactsStore } from './facts.store';
import { type Evidence, type Neighbours, nobody } from './neighbours';
import { OvertimeClaimsService } from './overtime-claims.service';
import { OvertimePoliciesService } from './overtime-policies.service';
import { OvertimeRequestsService } from './overtime-requests.service';
import { OverridesService } from './overrides.service';
import { PeriodsService } from './periods.service';
import { PeriodsStore } from './periods.store';
import { PlacesService } from './places.service';
import { PunchesService } from './punches.service';
import { PunchesStore } from './punches.store';
import { RecomputingService } from './recomputing.service';
import { ReportsService } from './reports.service';
import { RostersService } from './rosters.service';
import { RostersStore } from './rosters.store';
import { ShiftsService } from './shifts.service';
import { TellingService } from './telling.service';
import { TickingService } from './ticking.service';
import { WatchingService } from './watching.service';

/** Punches, shifts, days, overtime and periods. */
export class AttendanceRoom {
  readonly punches: PunchesService;
  readonly days: DaysService;
  readonly corrections: CorrectionsService;
  readonly shifts: ShiftsService;
  readonly assignments: AssignmentsService;
  readonly overrides: OverridesService;
  readonly rosters: RostersService;
  readonly policies: OvertimePoliciesService;
  readonly requests: OvertimeRequestsService;
  readonly claims: OvertimeClaimsService;
  readonly periods: PeriodsService;
  readonly reports: ReportsService;
  readonly ticking: TickingService;
  readonly watching: WatchingService;
  readonly computing: ComputingService;
  private readonly neighbours: Neighbours;
  private readonly dirty: DirtyStore;
  private readonly periodRows: PeriodsStore;
  private readonly recomputing: RecomputingService;
  private readonly rows: DayRowsStore;
  private readonly punchRows: PunchesStore;

  constructor(readonly hub: Hub) {
    const neighbours = nobody();
    const store = new FactsStore(hub);
    const places = new PlacesService(hub);
    const facts = new FactsService(hub, store, places, neighbours);
    const rosterRows = new RostersStore(hub);
    const dirty = new DirtyStore(hub);
    const rows = new DayRowsStore(hub);
    const punchRows = new PunchesStore(hub);
    const periodRows = new PeriodsStore(hub);
    const days = new DaysStore(hub);
    const computing = new ComputingService(
      hub,
      facts,
      days,
      neighbours,
      new ClaimingService(days),
      new TellingService(),
    );
    const recomputing = new RecomputingService(hub, dirty, rosterRows, places);
    const making = new PunchesService(hub, { store: punchRows, facts: store, places, dirty });
    const rosters = new RostersService(hub, facts);
    this.neighbours = neighbours;
    this.dirty = dirty;
    this.recomputing = recomputing;
    this.rows = rows;
    this.punchRows = punchRows;
    this.periodRows = periodRows;
    this.computing = computing;
    this.punches = making;
    this.rosters = rosters;
    this.days = new DaysService(hub, {
      rows,
      punches: punchRows,
      facts: store,
      places,
      computing,
      rosters,
      periods: periodRows,
      dirty,
    });
    this.corrections = new CorrectionsService(hub, {
      days: rows,
      punches: punchRows,
      making,
      places,
      periods: periodRows,
      dirty,
      computing,
    });
    this.shifts = new ShiftsService(hub, rosterRows, recomputing);
    this.assignments = new AssignmentsService(hub, rosterRows, recomputing);
    this.overrides = new OverridesService(hub, rosterRows, recomputing);
    this.policies = new OvertimePoliciesService(hub, recomputing);
    this.requests = new OvertimeRequestsService(hub, periodRows, dirty);
    this.claims = new OvertimeClaimsService(hub, periodRows, dirty, neighbours);
    this.periods = new PeriodsService(hub, periodRows, this.corrections, recomputing);
    this.reports = new ReportsService(hub, rows, places);
    this.ticking = new TickingService(hub, computing, places);
    this.watching = new WatchingService(hub, store, places);
  }

  start(): void {
    this.hub.use(checkIns).hook({
      isLocked: async (orgId, userId, date) => {
        const { homeBranchId: branchId } = await this.hub.use(people).byId(orgId, userId);
        return this.periodRows.isLocked(orgId, { userId, branchId }, date);
      },
    });
    this.hub
      .use(branches)
      .holidayHook(({ orgId, branchIds, dates }, after) => this.takeHolidays(orgId, branchIds, dates, after));
    this.supply({
      evidence: (orgId, userId, from, to) => this.hub.use(tracking).evidenceBetween(orgId, userId, from, to),
    });
    this.hub.use(people).hook({
      onChange: async ({ orgId, before, user }, after) => {
        if (
          before.homeBranchId !== user.homeBranchId ||
          before.startedOn !== user.startedOn ||
          before.endedOn !== user.endedOn
        )
          await this.recompute(orgId, [user.id], this.hub.now().toISOString().slice(0, 10), after);
      },
      onLeave: (user, after) => this.recompute(user.orgId, [user.id], this.hub.now().toISOString().slice(0, 10), after),
      onExport: ({ orgId, id }) => this.copyOf(orgId, id),
    });
  }

  /** What the neighbours of this folder and rooms below supply. */
  supply({ evidence, ...others }: Partial<Omit<Neighbours, 'evidence'>> & { evidence?: Evidence }): void {
    Object.assign(this.neighbours, others);
    if (evidence) this.neighbours.evidence.push(evidence);
  }

  /** For other rooms, which have asked their own permission: what somebody’s date was, occurrence by occurrence. */
  dayOf(orgId: string, userId: string, date: string) {
    return this.days.dayOf(orgId, userId, date);
  }

  /** Seconds worked by date, both dates included; dates without a day are left out. */
  async workedBetween(orgId: string, userId: string, from: string, to: string): Promise<Map<string, number>> {
    return this.days.workedBetween(orgId, userId, from, to);
  }

  /** What is planned for somebody from a date to a date, both included. */
  scheduleOf(orgId: string, userId: string, from: string, to: string) {
    return this.rosters.scheduleOf(orgId, userId, from, to);
  }

  /** For leave: minutes that are planned, by date; null where no plan says anything. */
  readonly roster = async (
    orgId: string,
    userId: string,
    from: string,
    to: string,
  ): Promise<Map<string, number | null>> => {
    const days = await this.rosters.scheduleOf(orgId, userId, from, to);
    return new Map(
      days.map(({ date, source, shifts }) => [
        date,
        source === 'none' ? null : shifts.reduce((sum, { scheduledSec }) => sum + scheduledSec, 0) / 60,
      ]),
    );
  };

  /** For leave: refuses dates that lie in a locked period. @throws HubError PERIOD_LOCKED */
  readonly mustBeOpen = async (orgId: string, userId: string, dates: readonly string[]): Promise<void> => {
    const person = await this.hub.use(people).byId(orgId, userId);
    for (const date of dates) await this.periodRows.mustBeOpen(orgId, { userId, branchId: person.homeBranchId }, date);
  };

  /** Lets the days of people be computed anew from a date on, in the caller’s transaction. */
  recompute(orgId: string, userIds: readonly string[], from: string, after: After): Promise<void> {
    return this.recomputing.people(orgId, userIds, { from, to: null }, after);
  }

  async takeCheckIn(orgId: string, checkInId: string): Promise<void> {
    await this.punches.follow(orgId, checkInId, await this.hub.use(checkIns).evidenceOf(orgId, checkInId));
  }

  async computeDay(orgId: string, userId: string, date: string): Promise<void> {
    await this.dirty.take(orgId, userId, date);
    await this.computing.compute(orgId, [userId], date, date);
  }

  /** Days up to now that became holidays, or are none any more; later ones are computed when they come. */
  private async takeHolidays(
    orgId: string,
    branchIds: readonly string[],
    dates: readonly string[],
    after: After,
  ): Promise<void> {
    const tomorrow = addDays(this.hub.now().toISOString().slice(0, 10), 1);
    for (const targetId of branchIds)
      for (const date of dates)
        if (date <= tomorrow)
          await this.recomputing.target(orgId, { targetType: 'branch', targetId, from: date, to: date }, after);
  }

  private async copyOf(orgId: string, userId: string) {
    const [from, to] = ['1000-01-01', '9999-12-31'];
    const days = await this.rows.of(orgId, userId, from, to);
    return {
      attendance: { punches: await this.punchRows.of(orgId, userId, from, to), days: days.map(({ day }) => day) },
    };
  }
}
