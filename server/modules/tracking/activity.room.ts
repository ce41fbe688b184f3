import type { Hub } from '../../platform';
import { ActivityCapture } from './activity-capture.store';
import { ActivityDigest } from './activity-digest.service';
import { ActivityStore } from './activity-events.store';
import { ActivityFeed } from './activity-feed.service';
import { ActivityIngest } from './activity-ingest.service';
import { ActivityPerformance } from './activity-performance.service';
import { ActivityPlaces } from './activity-places';
import { ActivityRetention } from './activity-retention';
import { ActivityTally } from './activity-tally';
import { ActivityUsage } from './activity-usage.service';
import { ActivityZones } from './activity-zones';
import { AlertJudge } from './alert-judge.service';
import { AlertMail } from './alert-mail';
import { AlertRules } from './alert-rules.service';
import { AlertStore } from './alert.store';
import { Alerts } from './alerts.service';
import { Boards } from './board.service';
import { GoalProgress } from './goal-progress.service';
import { GoalStore } from './goal.store';
import { Goals } from './goals.service';
import { MetricBook } from './metric-book';
import { MetricDefs } from './metric-defs.service';
import { MetricIngest } from './metric-ingest.service';
import { type Point, PointStore } from './metric-points.store';
import { MetricQueries } from './metric-query.service';
import { MetricRollup } from './metric-rollup.service';
import { RollupStore } from './metric-rollup.store';
import { SeriesStore } from './metric-series.store';
import { SystemMetrics } from './metric-system.service';
import { MetricTrends } from './metric-trends.service';
import { TimeEntries } from './time-entries.service';
import { TimeEntryReports } from './time-entry-reports.service';
import { type AttendanceOf, TimeEntrySheets } from './time-entry-sheets.service';
import { TimeEntryStore } from './time-entry.store';
import { WidgetStore } from './widget.store';
import { Widgets } from './widgets.service';

/** What people do, what is measured, the time they take and what they want to reach. */
export class ActivityRoom {
  readonly places: ActivityPlaces;
  readonly capture: ActivityCapture;
  readonly digest: ActivityDigest;
  readonly feed: ActivityFeed;
  readonly ingest: ActivityIngest;
  readonly performance: ActivityPerformance;
  readonly usage: ActivityUsage;
  readonly retention: ActivityRetention;
  readonly metricIngest: MetricIngest;
  readonly metricDefs: MetricDefs;
  readonly queries: MetricQueries;
  readonly rollup: MetricRollup;
  readonly trends: MetricTrends;
  readonly system: SystemMetrics;
  readonly rules: AlertRules;
  readonly judge: AlertJudge;
  readonly alerts: Alerts;
  readonly entries: TimeEntries;
  readonly sheets: TimeEntrySheets;
  readonly time: TimeEntryReports;
  readonly goals: Goals;
  readonly boards: Boards;
  readonly widgets: Widgets;
  private readonly points: PointStore;

  constructor(hub: Hub) {
    const zones = new ActivityZones(hub);
    const places = new ActivityPlaces(hub);
    const book = new MetricBook(hub);
    const points = new PointStore(hub, new SeriesStore(hub));
    const queries = new MetricQueries(hub, { book, zones });
    this.places = places;
    this.points = points;
    this.queries = queries;

    const store = new ActivityStore(hub);
    const tally = new ActivityTally(points);
    this.feed = new ActivityFeed(hub, places);
    const { feed } = this;
    this.capture = new ActivityCapture(hub, { store, tally, feed });
    this.ingest = new ActivityIngest(hub, { store, places, feed, tally });
    this.digest = new ActivityDigest(hub, zones);
    this.usage = new ActivityUsage(hub, { book, queries });
    this.retention = new ActivityRetention(hub);

    this.metricIngest = new MetricIngest(hub, { book, points, places });
    this.metricDefs = new MetricDefs(hub, book);
    this.rollup = new MetricRollup(hub, new RollupStore(hub), zones);
    this.trends = new MetricTrends(hub, { book, queries, zones });
    this.system = new SystemMetrics(hub, points);

    const alerts = new AlertStore(hub);
    this.rules = new AlertRules(hub, { store: alerts, book, places });
    this.judge = new AlertJudge(hub, { store: alerts, book, queries, zones, mail: new AlertMail(hub) });
    this.alerts = new Alerts(hub, alerts);

    const entries = new TimeEntryStore(hub);
    this.entries = new TimeEntries(hub, { store: entries, places, zones });
    this.time = new TimeEntryReports(hub, { store: entries, places, zones });
    this.sheets = new TimeEntrySheets(hub, { store: entries, places, zones, reports: this.time });

    const goalStore = new GoalStore(hub);
    const progress = new GoalProgress(hub, { store: goalStore, zones, book, queries });
    this.goals = new Goals(hub, { store: goalStore, places, zones, book, progress });
    const { goals } = this;
    this.performance = new ActivityPerformance(hub, { places, zones, book, queries, goals, entries });
    const widgets = new WidgetStore(hub);
    this.boards = new Boards(hub, widgets);
    this.widgets = new Widgets(hub, { store: widgets, boards: this.boards, book, queries });

    this.metricDefs.readBy((orgId, metric) => this.metricDefs.formulasWith(orgId, metric));
    this.metricDefs.readBy((orgId, metric) => this.rules.readers(orgId, metric));
    this.metricDefs.readBy((orgId, metric) => goals.readers(orgId, metric));
    this.metricDefs.readBy((orgId, metric) => this.widgets.readers(orgId, metric));
  }

  /** Rooms of higher floors measure: `tasks.on-time`, `sales.amount`, … In the caller's transaction. */
  async measure(points: readonly Point[]): Promise<void> {
    await this.points.add(points);
  }

  /** A room of a higher floor that keeps attendance says what it has, for sheets to be held against. */
  compareWith(attendance: AttendanceOf): void {
    this.sheets.compareWith(attendance);
  }

  /** Every night of an organisation, once. */
  async night(orgId: string, job: string): Promise<boolean> {
    const date = await this.trends.isDue(orgId, job);
    if (date === null) return false;
    await this.trends.night(orgId, date);
    await this.goals.night(orgId);
    return true;
  }

  start(): void {
    this.capture.start();
    this.system.start();
    this.widgets.start();
  }

  async stop(): Promise<void> {
    await this.capture.stop();
    await this.system.stop();
    await this.widgets.stop();
  }
}
