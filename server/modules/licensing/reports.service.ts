import { createHash } from 'node:crypto';
import type { ComplianceReport } from '@loro/contracts/licensing-compliance';
import {
  type Actor,
  type After,
  allow,
  exportFeed,
  type Feed,
  type Hub,
  NotFound,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { csvOf, linesOf, monthBefore } from './compliance.policy';
import type { FindingsStore } from './findings.store';
import type { LicenseBook } from './license-book';
import type { LimitsService } from './limits.service';
import { changed } from './rows.store';
import { standingOf } from './terms.policy';

const FINDINGS = 10_000;

interface Row extends Omit<ComplianceReport, 'createdAt'> {
  readonly createdAt: Date;
  readonly content: string;
}
type WithContent = ComplianceReport & { content: string };

interface Uses {
  readonly book: LicenseBook;
  readonly limits: LimitsService;
  readonly findings: FindingsStore;
}

const COLUMNS = `id, CAST(from_day AS CHAR) AS \`from\`, CAST(to_day AS CHAR) AS \`to\`, format, sha256, created_at AS createdAt`;

/** Reports of compliance: what was so is written down with its hash, and stays. */
export class ComplianceReports {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async make(actor: Actor, { from, to }: { from: string; to: string }): Promise<WithContent> {
    allow(actor, 'license.compliance');
    return this.hub.transact(async (after) => {
      const report = await this.write(actor.orgId, { from, to }, null, after);
      return report ?? this.read(actor.orgId, '');
    });
  }

  async get(actor: Actor, id: string): Promise<WithContent> {
    allow(actor, 'license.compliance');
    return this.read(actor.orgId, id);
  }

  /** As a file that says by its hash which report it is of. */
  async file(actor: Actor, id: string, format: 'csv' | 'pdf'): Promise<Feed> {
    const { content, sha256, from, to } = await this.get(actor, id);
    const name = `compliance-${from}-${to}`;
    const digest = { 'Content-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:` };
    if (format === 'csv')
      return {
        status: 200,
        type: 'text/csv; charset=utf-8',
        headers: {
          ...digest,
          'Content-Disposition': `attachment; filename="${name}.csv"`,
          'Cache-Control': 'no-store',
        },
        body: content,
      };
    const [heads = [], ...rows] = linesOf(content);
    const feed = exportFeed(
      {
        format,
        title: `Compliance ${from} to ${to} · SHA-256 ${sha256}`,
        columns: heads.map((label) => ({ key: label, label, kind: 'text' as const })),
        rows: rows.map((cells) => Object.fromEntries(heads.map((label, at) => [label, cells[at] ?? '']))),
      },
      name,
    );
    return { ...feed, headers: { ...feed.headers, ...digest } };
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<ComplianceReport>> {
    allow(actor, 'license.compliance');
    const [before] = this.hub.cursors.decode('compliance-reports', cursor) ?? [];
    const rows = await this.hub.select<Omit<Row, 'content'>>(
      `SELECT ${COLUMNS} FROM compliance_reports WHERE org_id = :orgId AND (:before IS NULL OR id < :before)
       ORDER BY id DESC LIMIT ${limit + 1}`,
      { orgId: actor.orgId, before: before ?? null },
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('compliance-reports', [id]),
      ({ createdAt, ...row }) => ({ ...row, createdAt: createdAt.toISOString() }),
    );
  }

  /** Last month's, once for each organisation however often it is asked for. */
  async makeMonthly(): Promise<void> {
    const month = monthBefore(this.hub.now());
    const done = await this.hub.select<{ orgId: string }>(
      'SELECT org_id AS orgId FROM compliance_reports WHERE from_day = :from AND monthly = 1',
      { from: month.from },
    );
    const known = new Set(done.map(({ orgId }) => orgId));
    for await (const orgId of this.uses.book.everyOrganisation())
      if (!known.has(orgId)) await this.hub.transact((after) => this.write(orgId, month, 1, after));
  }

  private async read(orgId: string, id: string): Promise<WithContent> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${COLUMNS}, content FROM compliance_reports WHERE org_id = :orgId AND id = :id`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This report');
    return { ...row, createdAt: row.createdAt.toISOString() };
  }

  /** In the caller’s transaction. @returns null where this month's is there */
  private async write(
    orgId: string,
    { from, to }: { from: string; to: string },
    monthly: 1 | null,
    after: After,
  ): Promise<WithContent | null> {
    const content = csvOf(await this.rows(orgId, from, to));
    const now = this.hub.now();
    const report = {
      id: ulid(now.getTime()),
      from,
      to,
      format: 'csv' as const,
      sha256: createHash('sha256').update(content).digest('hex'),
    };
    const written = await changed(
      this.hub,
      `INSERT IGNORE INTO compliance_reports (org_id, id, from_day, to_day, format, content, sha256, monthly, created_at)
       VALUES (:orgId, :id, :from, :to, :format, :content, :sha256, :monthly, :now)`,
      { orgId, ...report, content, monthly, now },
    );
    if (written === 0) return null;
    after.record({
      action: 'compliance-report.made',
      orgId,
      entity: { type: 'compliance-report', id: report.id },
      data: { from, to, sha256: report.sha256 },
    });
    return { ...report, content, createdAt: now.toISOString() };
  }

  private async rows(orgId: string, from: string, to: string): Promise<(string | number | null)[][]> {
    const held = await this.uses.book.current(orgId);
    const standing = held ? standingOf(held, this.hub.now()) : null;
    const over = await this.uses.limits.overLimits(orgId);
    const used = await this.hub.select<{ day: string; feature: string; quantity: number }>(
      `SELECT CAST(day AS CHAR) AS day, feature, quantity FROM usage_daily
       WHERE org_id = :orgId AND day >= :from AND day < :to ORDER BY day, feature`,
      { orgId, from, to },
    );
    const findings = await this.uses.findings.list(orgId, { limit: FINDINGS, before: null, state: null });
    const inTime = findings.filter(({ foundAt, closedAt }) => foundAt < to && (closedAt === null || closedAt >= from));
    return [
      ['section', 'subject', 'value', 'detail'],
      ['report', 'organisation', orgId, `${from} to ${to}`],
      ['license', 'state', standing?.state ?? 'none', standing?.plan ?? null],
      ['license', 'type', held?.row.type ?? null, held?.row.expiresAt?.toISOString() ?? null],
      ...Object.entries(standing?.limits ?? {}).map(([limit, value]) => ['limit', limit, value ?? 'any', null]),
      ...over.map(({ limit, allowed, used: have }) => ['over', limit, have, `allowed ${allowed}`]),
      ...used.map(({ day, feature, quantity }) => ['use', feature, quantity, day]),
      ...inTime.map(({ kind, subject, state, foundAt }) => ['finding', `${kind}: ${subject}`, state, foundAt]),
    ];
  }
}
