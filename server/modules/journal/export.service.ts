import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { JournalEntry, JournalFilter } from '@loro/contracts/journal-entries';
import type { JournalExport, Manifest, NewExport } from '@loro/contracts/journal-keeping';
import { exportEntries } from '@loro/contracts/journal-live';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  canonicalJson,
  Conflict,
  type Feed,
  type Hub,
  HubError,
  may,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { GENESIS } from './chain.policy';
import { csvHeader, entryLine } from './csv.policy';
import { ENTRY_COLUMNS, type EntryRow, type EntryStore, toContract } from './entry.store';
import type { Presenter } from './presenter';
import { conditionsOf } from './search.policy';
import type { Signer } from './signer';

const AT_ONCE = 500;
const KEPT_MS = 7 * 86_400_000;

interface ExportRow {
  readonly id: string;
  readonly filter: string;
  readonly format: JournalExport['format'];
  readonly status: JournalExport['status'];
  readonly count: number;
  readonly manifest: string | null;
  readonly withPii: number;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
  readonly expiresAt: Date | null;
}

const COLUMNS = `id, filter, format, status, count, manifest, with_pii AS withPii, requested_by AS requestedBy,
  requested_at AS requestedAt, finished_at AS finishedAt, expires_at AS expiresAt`;

/** Files of entries with a signed manifest: evidence that can be handed on. */
export class ExportService {
  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly entries: EntryStore;
      readonly presenter: Presenter;
      readonly signer: Signer;
    },
  ) {}

  /** @throws Conflict JOURNAL_EXPORT_RUNNING */
  async request(actor: Actor, { filter, format }: z.output<typeof NewExport>): Promise<JournalExport> {
    allow(actor, 'journal.export', { orgId: actor.orgId });
    const { orgId, userId } = actor;
    if (filter.branchId !== undefined && !(await this.hub.ports.hasBranch(orgId, filter.branchId)))
      throw new NotFound('This branch');
    const id = ulid(this.hub.now().getTime());
    return this.hub.transact(async (after) => {
      await this.hub.sequelize
        .query(
          `INSERT INTO journal_exports (org_id, id, filter, format, status, with_pii, requested_by, requested_at)
           VALUES (:orgId, :id, :filter, :format, 'queued', :withPii, :userId, :at)`,
          {
            replacements: {
              orgId,
              id,
              filter: canonicalJson(filter),
              format,
              withPii: may(actor, 'journal.read-pii', { orgId }),
              userId,
              at: this.hub.now(),
            },
          },
        )
        .catch(onDuplicate((cause) => new Conflict('JOURNAL_EXPORT_RUNNING', 'An export is running.', { cause })));
      after.enqueue(exportEntries, { orgId, exportId: id });
      after.record({
        type: 'user_action',
        action: 'journal.export-asked',
        severity: 'notice',
        entity: { type: 'journal-export', id },
        data: { format, filter: { ...filter } },
      });
      return present(await this.row(orgId, id));
    });
  }

  async get(actor: Actor, id: string): Promise<JournalExport> {
    allow(actor, 'journal.export', { orgId: actor.orgId });
    return present(await this.row(actor.orgId, id));
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<JournalExport>> {
    allow(actor, 'journal.export', { orgId: actor.orgId });
    const before = this.hub.cursors.decode('journal-exports', cursor);
    const rows = await this.hub.select<ExportRow>(
      `SELECT ${COLUMNS} FROM journal_exports WHERE org_id = :orgId ${before ? 'AND id < :id' : ''}
       ORDER BY id DESC LIMIT :limit`,
      { orgId: actor.orgId, id: before?.[0], limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('journal-exports', [id]), present);
  }

  async file(actor: Actor, id: string): Promise<Feed> {
    const { status, manifest, format, expiresAt } = await this.get(actor, id);
    if (status !== 'done' || !manifest) throw new NotFound('This file');
    if (expiresAt !== null && new Date(expiresAt) <= this.hub.now())
      throw new HubError('JOURNAL_EXPORT_GONE', 'The file was kept for seven days.');
    await this.hub.transact(async (after) =>
      after.record({
        type: 'user_action',
        action: 'journal.export-downloaded',
        severity: 'notice',
        entity: { type: 'journal-export', id },
        data: { sha256: manifest.sha256 },
      }),
    );
    return {
      status: 200,
      type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8',
      headers: {
        'Content-Disposition': `attachment; filename="journal-${id}.${format}"`,
        'Repr-Digest': `sha-256=:${Buffer.from(manifest.sha256, 'hex').toString('base64')}:`,
      },
      body: Readable.from(this.parts(actor.orgId, id)),
    };
  }

  /** What the job asks for. A second run begins anew. */
  async run(orgId: string, id: string, isLastTry: boolean): Promise<void> {
    const row = await this.row(orgId, id);
    if (row.status === 'done' || row.status === 'failed') return;
    try {
      await this.write(orgId, row);
    } catch (error) {
      if (isLastTry)
        await this.hub.sequelize.query(
          "UPDATE journal_exports SET status = 'failed', finished_at = :at, is_open = NULL WHERE org_id = :orgId AND id = :id",
          { replacements: { orgId, id, at: this.hub.now() } },
        );
      throw error;
    }
  }

  async drop(before: Date): Promise<void> {
    await this.hub.sequelize.query(
      `DELETE p FROM journal_export_parts p JOIN journal_exports e ON e.org_id = p.org_id AND e.id = p.export_id
       WHERE e.expires_at < :before`,
      { replacements: { before } },
    );
  }

  private async write(orgId: string, row: ExportRow): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM journal_export_parts WHERE org_id = :orgId AND export_id = :id', {
      replacements: { orgId, id: row.id },
    });
    const head = (await this.by.entries.head(orgId)) ?? { seq: 0, hash: GENESIS };
    const hash = createHash('sha256');
    const span = { first: null as number | null, last: null as number | null, count: 0, part: 0 };
    if (row.format === 'csv') await this.keep(orgId, row.id, csvHeader, { hash, part: span.part++ });
    for (;;) {
      const rows = await this.matching(orgId, row, span.last ?? 0, head.seq);
      const [first] = rows;
      if (!first) break;
      const entries = row.withPii ? await this.by.presenter.opened(orgId, rows) : rows.map((each) => toContract(each));
      await this.keep(orgId, row.id, textOf(entries, row.format), { hash, part: span.part++ });
      span.first ??= first.seq;
      span.last = rows.at(-1)?.seq ?? span.last;
      span.count += rows.length;
      if (rows.length < AT_ONCE) break;
    }
    const said = {
      orgId,
      exportId: row.id,
      format: row.format,
      count: span.count,
      firstSeq: span.first,
      lastSeq: span.last,
      headSeq: head.seq,
      headHash: head.hash,
      sha256: hash.digest('hex'),
    };
    await this.finish(orgId, row, { ...said, ...(await this.by.signer.sign('loro.journal.export.v1', said)) });
  }

  private async finish(orgId: string, row: ExportRow, manifest: Manifest): Promise<void> {
    const now = this.hub.now();
    await this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        `UPDATE journal_exports SET status = 'done', count = :count, manifest = :manifest, finished_at = :now,
           expires_at = :expiresAt, is_open = NULL WHERE org_id = :orgId AND id = :id`,
        {
          replacements: {
            orgId,
            id: row.id,
            count: manifest.count,
            manifest: JSON.stringify(manifest),
            now,
            expiresAt: new Date(now.getTime() + KEPT_MS),
          },
        },
      );
      after.record({
        type: 'user_action',
        action: 'journal.exported',
        severity: 'notice',
        orgId,
        entity: { type: 'journal-export', id: row.id },
        data: { count: manifest.count, sha256: manifest.sha256, requestedBy: row.requestedBy },
      });
    });
  }

  private async keep(orgId: string, id: string, text: string, { hash, part }: { hash: Hash; part: number }) {
    hash.update(text);
    await this.hub.sequelize.query(
      'INSERT INTO journal_export_parts (org_id, export_id, part, body) VALUES (:orgId, :id, :part, :body)',
      { replacements: { orgId, id, part, body: Buffer.from(text) } },
    );
  }

  private matching(orgId: string, { filter }: ExportRow, behind: number, through: number): Promise<EntryRow[]> {
    const asked: JournalFilter = JSON.parse(filter);
    const conditions = [
      'org_id = :orgId AND seq > :behind AND seq <= :through',
      ...(asked.from === undefined ? [] : ['occurred_at >= :from']),
      ...(asked.to === undefined ? [] : ['occurred_at < :to']),
      ...conditionsOf(asked),
    ];
    return this.hub.select<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE ${conditions.join(' AND ')} ORDER BY seq LIMIT ${AT_ONCE}`,
      {
        ...asked,
        orgId,
        behind,
        through,
        from: asked.from && new Date(asked.from),
        to: asked.to && new Date(asked.to),
      },
    );
  }

  private async *parts(orgId: string, id: string): AsyncGenerator<Buffer> {
    for (let part = 0; ; part += 1) {
      const [row] = await this.hub.select<{ body: Buffer }>(
        'SELECT body FROM journal_export_parts WHERE org_id = :orgId AND export_id = :id AND part = :part',
        { orgId, id, part },
      );
      if (!row) return;
      yield row.body;
    }
  }

  private async row(orgId: string, id: string): Promise<ExportRow> {
    const [row] = await this.hub.select<ExportRow>(
      `SELECT ${COLUMNS} FROM journal_exports WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This export');
    return row;
  }
}

const textOf = (entries: readonly JournalEntry[], format: JournalExport['format']): string =>
  entries.map((entry) => (format === 'csv' ? entryLine(entry) : `${canonicalJson(entry)}\n`)).join('');

const present = (row: ExportRow): JournalExport => ({
  id: row.id,
  filter: JSON.parse(row.filter),
  format: row.format,
  status: row.status,
  count: row.count,
  manifest: row.manifest === null ? null : JSON.parse(row.manifest),
  requestedBy: row.requestedBy,
  requestedAt: row.requestedAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
  expiresAt: row.expiresAt?.toISOString() ?? null,
});
