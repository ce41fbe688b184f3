import { ImportReport, NewUserImport, PeopleImport, runImport } from '@loro/contracts/people-import';
import { peopleLive } from '@loro/contracts/people-live';
import { QueryTypes } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { fileOf, type ImportService, mayImport } from './import.service';

const TOLD_EVERY_MS = 500;

interface Row {
  readonly id: string;
  readonly state: PeopleImport['state'];
  readonly done: number;
  readonly total: number;
  readonly file: Buffer | null;
  /** JSON. */
  readonly report: string | null;
  /** JSON. */
  readonly failure: string | null;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, state, done, total, report, failure, requested_by AS requestedBy, requested_at AS requestedAt,
  finished_at AS finishedAt`;

/** Imports that a worker runs: asked for, told of as they go on, and looked at afterwards. */
export class ImportJobs {
  constructor(
    private readonly hub: Hub,
    private readonly imports: ImportService,
  ) {}

  /** @throws Conflict IMPORT_RUNNING */
  async ask(actor: Actor, input: z.output<typeof NewUserImport>): Promise<PeopleImport> {
    mayImport(actor, input.roles);
    const { rows: total } = fileOf(input.csv);
    const { orgId, userId } = actor;
    const id = ulid(this.hub.now().getTime());
    return this.hub.transact(async (after) => {
      await this.hub.sequelize
        .query(
          `INSERT INTO people_imports (org_id, id, file, total, requested_by, requested_at)
           VALUES (:orgId, :id, :file, :total, :userId, :now)`,
          {
            replacements: {
              orgId,
              id,
              total,
              userId,
              file: this.hub.secrets.seal('people', JSON.stringify(input)),
              now: this.hub.now(),
            },
          },
        )
        .catch(onDuplicate((cause) => new Conflict('IMPORT_RUNNING', 'An import is running.', { cause })));
      after.enqueue(runImport, { orgId, importId: id });
      after.record({
        type: 'user_action',
        action: 'users.import-asked',
        entity: { type: 'people-import', id },
        data: { rows: total },
      });
      return presented(await this.row(orgId, id));
    });
  }

  async get(actor: Actor, id: string): Promise<PeopleImport> {
    mayImport(actor, []);
    return presented(await this.row(actor.orgId, id));
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<PeopleImport>> {
    mayImport(actor, []);
    const before = this.hub.cursors.decode('people-imports', cursor)?.[0];
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM people_imports WHERE org_id = :orgId ${before === undefined ? '' : 'AND id < :before'}
       ORDER BY id DESC LIMIT :limit`,
      { orgId: actor.orgId, before, limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('people-imports', [id]), presented);
  }

  /** Safe to run twice: that it is over stands in the transaction that writes the people. */
  async run(orgId: string, id: string, isLastTry: boolean): Promise<void> {
    const { file, requestedBy: userId, total } = await this.row(orgId, id);
    if (!file) return;
    const input = NewUserImport.parse(JSON.parse(this.hub.secrets.open('people', file)));
    const progress = this.telling(orgId, id, total);
    try {
      await this.hub.transact(async (after) => {
        if (!(await this.isOpen(orgId, id))) return;
        const report = await this.imports.run({ orgId, userId }, input, after, progress.now);
        await this.end(orgId, id, { state: 'done', done: total, report, failure: null });
        after.publish(peopleLive, 'import:progress', { orgId, id: userId }, { id, state: 'done', done: total, total });
      });
    } catch (error) {
      const isFinal = error instanceof HubError ? error.status < 500 : isLastTry;
      if (isFinal) await this.fail(orgId, id, error);
      if (!(error instanceof HubError && isFinal)) throw error;
    } finally {
      await progress.stop();
    }
  }

  private async fail(orgId: string, id: string, error: unknown): Promise<void> {
    const { requestedBy: userId, total } = await this.row(orgId, id);
    const failure =
      error instanceof HubError
        ? { code: error.code, detail: error.message }
        : { code: 'INTERNAL', detail: 'Something went wrong on our side; nothing was written.' };
    await this.hub.transact(async (after) => {
      if (!(await this.isOpen(orgId, id))) return;
      await this.end(orgId, id, { state: 'failed', done: 0, report: null, failure });
      after.record({
        type: 'user_action',
        action: 'users.import-failed',
        outcome: 'failure',
        orgId,
        entity: { type: 'people-import', id },
        data: { code: failure.code, askedBy: userId },
      });
      after.publish(peopleLive, 'import:progress', { orgId, id: userId }, { id, state: 'failed', done: 0, total });
    });
  }

  /** Tells now and then how far it is, apart from the transaction that nobody sees into before it is over. */
  private telling(orgId: string, id: string, total: number) {
    let done = 0;
    let told = -1;
    let last: Promise<unknown> = Promise.resolve();
    const tell = async () => {
      if (done === told || done >= total) return;
      told = done;
      await this.hub.transactApart(async (after) => {
        const [, affected] = await this.hub.sequelize.query(
          `UPDATE people_imports SET state = 'running', done = :done
           WHERE org_id = :orgId AND id = :id AND state IN ('queued', 'running')`,
          { replacements: { orgId, id, done }, type: QueryTypes.UPDATE },
        );
        if (affected === 0) return;
        const { requestedBy } = await this.row(orgId, id);
        after.publish(peopleLive, 'import:progress', { orgId, id: requestedBy }, { id, state: 'running', done, total });
      });
    };
    const next = () => {
      last = last.then(tell).catch((error: unknown) => this.hub.log.warn({ err: error }, 'progress was not told'));
    };
    next();
    const timer = setInterval(next, TOLD_EVERY_MS);
    return {
      now: (count: number) => {
        done = count;
      },
      stop: async () => {
        clearInterval(timer);
        await last;
      },
    };
  }

  /** Not locked: the row stays free for those who tell how far it is. Ending it is what only one can do. */
  private async isOpen(orgId: string, id: string): Promise<boolean> {
    const { state } = await this.row(orgId, id);
    return state === 'queued' || state === 'running';
  }

  private async end(
    orgId: string,
    id: string,
    { state, done, report, failure }: Pick<PeopleImport, 'state' | 'done' | 'report' | 'failure'>,
  ): Promise<void> {
    const [, affected] = await this.hub.sequelize.query(
      `UPDATE people_imports SET state = :state, open_mark = NULL, file = NULL, done = :done, report = :report,
         failure = :failure, finished_at = :now WHERE org_id = :orgId AND id = :id AND open_mark = 1`,
      {
        replacements: {
          orgId,
          id,
          state,
          done,
          report: report && JSON.stringify(report),
          failure: failure && JSON.stringify(failure),
          now: this.hub.now(),
        },
        type: QueryTypes.UPDATE,
      },
    );
    if (affected === 0) throw new Conflict('IMPORT_RUNNING', 'Another worker has ended this import.');
  }

  private async row(orgId: string, id: string): Promise<Row> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS}, file FROM people_imports WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This import');
    return row;
  }
}

const Failure = PeopleImport.shape.failure;

function presented({
  id,
  state,
  done,
  total,
  report,
  failure,
  requestedBy,
  requestedAt,
  finishedAt,
}: Row): PeopleImport {
  return {
    id,
    state,
    done,
    total,
    report: report === null ? null : ImportReport.parse(JSON.parse(report)),
    failure: failure === null ? null : Failure.parse(JSON.parse(failure)),
    requestedBy,
    requestedAt: requestedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
