import { type ReportRun, reportsLive, type RequestReport, runReport } from '@loro/contracts/reports';
import { Op } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { people } from '../people';
import { dailyDistance } from './daily-distance.report';
import { ReportRunModel } from './report-run.model';

/** As many reports of one person may wait or run. */
const PLACES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** Larger results are not carried by the event; whoever wants them reads the run. */
const EVENT_RESULT_BYTES = 32 * 1024;
const PROGRESS_EVERY_MS = 200;

export class ReportsService {
  constructor(private readonly hub: Hub) {}

  /** Asks for a report. The worker sees as far as the person could at this moment, and no further. */
  async request(actor: Actor, { kind, params }: z.output<typeof RequestReport>): Promise<ReportRun> {
    const { scope, branchIds } = reachOf(actor, 'reports.run');
    if (params.branchId !== undefined) allow(actor, 'reports.run', { branchId: params.branchId, what: 'This branch' });
    const { orgId, userId } = actor;
    if (params.branchId !== undefined && !(await this.hub.ports.hasBranch(orgId, params.branchId)))
      throw new NotFound('This branch');
    return this.hub.transact(async (after) => {
      const row = await ReportRunModel.create({
        orgId,
        id: ulid(this.hub.now().getTime()),
        kind,
        params: JSON.stringify(params),
        status: 'queued',
        requestedBy: userId,
        reach: JSON.stringify({ scope, branchIds: [...branchIds] }),
        requestedAt: this.hub.now(),
        startedAt: null,
        finishedAt: null,
        failure: null,
        result: null,
        place: await this.freePlace(orgId, userId),
      }).catch(
        onDuplicate((cause) => new Conflict('TOO_MANY_RUNS', 'Another report was asked for just now.', { cause })),
      );
      const run = row.toContract({ rows: false });
      after.publish(reportsLive, 'report:requested', { orgId, id: userId }, run);
      after.enqueue(runReport, { orgId, runId: row.id });
      return run;
    });
  }

  /**
   * One of a person's ten places. It is read without a lock, since locking what is not there yet makes two requests wait
   * for each other; of two that find the same place free, the unique key lets one have it.
   */
  private async freePlace(orgId: string, userId: string): Promise<number> {
    const taken = await ReportRunModel.findAll({
      where: { orgId, requestedBy: userId, place: { [Op.not]: null } },
      attributes: ['place'],
      raw: true,
    });
    const free = PLACES.filter((place) => !taken.some((row) => row.place === place));
    // A random one, so that several requests at once rarely want the same.
    const place = free[Math.floor(Math.random() * free.length)];
    if (place === undefined)
      throw new Conflict('TOO_MANY_RUNS', `${PLACES.length} of your reports are waiting or running.`);
    return place;
  }

  async runs(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<ReportRun>> {
    const before = this.hub.cursors.decode('report-runs', cursor);
    const rows = await ReportRunModel.findAll({
      where: {
        orgId: actor.orgId,
        requestedBy: actor.userId,
        ...(before && { id: { [Op.lt]: String(before[0]) } }),
      },
      attributes: { exclude: ['result'] },
      order: [['id', 'DESC']],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('report-runs', [id]),
      (row) => row.toContract({ rows: false }),
    );
  }

  async run(actor: Actor, runId: string): Promise<ReportRun> {
    const row = await ReportRunModel.findOne({
      where: { orgId: actor.orgId, id: runId, requestedBy: actor.userId },
    });
    if (!row) throw new NotFound('This report');
    return row.toContract({ rows: true });
  }

  /** Makes a requested report. Safe to run twice: a finished run is left alone, an interrupted one starts over. */
  async make(orgId: string, runId: string): Promise<void> {
    const row = await ReportRunModel.findOne({ where: { orgId, id: runId } });
    if (!row || row.status === 'done' || row.status === 'failed') return;
    await row.update({ status: 'running', startedAt: this.hub.now() });

    const { timezone } = await this.hub.use(people).organisationOf(orgId);
    const { params } = row.toContract({ rows: false });
    const result = await dailyDistance(
      this.hub,
      { orgId, requestedBy: row.requestedBy, timeZone: timezone, params, reach: row.savedReach() },
      this.progressOf(row),
    );
    const text = JSON.stringify(result);
    await this.finish(row, { status: 'done', result: text, failure: null }, 'report:finished');
  }

  /** Tells the person that their report will not come. */
  async giveUp(orgId: string, runId: string): Promise<void> {
    const row = await ReportRunModel.findOne({ where: { orgId, id: runId, status: ['queued', 'running'] } });
    const failure = 'Something went wrong on our side. Please ask again.';
    if (row) await this.finish(row, { status: 'failed', result: null, failure }, 'report:failed');
  }

  private async finish(
    { orgId, id }: ReportRunModel,
    change: { status: 'done' | 'failed'; result: string | null; failure: string | null },
    event: 'report:finished' | 'report:failed',
  ): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await ReportRunModel.findOne({ where: { orgId, id }, lock: true });
      if (!row || row.status === 'done' || row.status === 'failed') return;
      await row.update({ ...change, finishedAt: this.hub.now(), place: null });
      const rows = (change.result?.length ?? 0) <= EVENT_RESULT_BYTES;
      after.publish(reportsLive, event, { orgId, id: row.requestedBy }, row.toContract({ rows }));
    });
  }

  private progressOf({ orgId, id: runId, requestedBy }: ReportRunModel): (percent: number, stage: string) => void {
    let told = 0;
    return (percent, stage) => {
      if (percent < 100 && performance.now() - told < PROGRESS_EVERY_MS) return;
      told = performance.now();
      this.hub.emitLatest(reportsLive, 'report:progressed', { orgId, id: requestedBy }, { runId, percent, stage });
    };
  }
}
