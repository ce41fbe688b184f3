import { MetricDef, type MetricDefChange, type NewMetricDef } from '@loro/contracts/activity-metrics';
import { MOST_DIMENSIONS } from '@loro/contracts/activity-values';
import { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  ulid,
} from '../../platform';
import { licensing } from '../licensing';
import { hubMetrics, type Metric, type MetricBook, systemMetrics } from './metric-book';
import { FormulaError, metricsOf, parseFormula } from './metric-formula.policy';

interface DefRow {
  readonly id: string;
  readonly metric: string;
  readonly name: string;
  readonly kind: MetricDef['kind'];
  readonly unit: string;
  readonly dimensions: string;
  readonly aggregation: MetricDef['aggregation'];
  readonly formula: string | null;
  readonly version: number;
}

const COLUMNS = 'id, metric, name, kind, unit, dimensions, aggregation, formula, version';
const Names = z.array(z.string());
/** How many metrics of one's own a plan lets one make; null: any number. */
const MOST_BY_PLAN: Readonly<Record<string, number | null>> = { professional: 20, business: 100, enterprise: null };
const MOST_ELSEWHERE = 5;

const present = ({ metric: key, dimensions, ...row }: DefRow): MetricDef => ({
  ...row,
  key,
  dimensions: Names.parse(JSON.parse(dimensions)),
  isSystem: false,
});

const ofSystem = ({ key, name, kind, unit, dimensions, aggregation }: Metric): MetricDef => ({
  id: null,
  key,
  name,
  kind,
  unit,
  dimensions: [...dimensions],
  aggregation,
  formula: null,
  isSystem: true,
  version: 1,
});

/** Says what of the room reads a metric. */
export type MetricReader = (orgId: string, metric: string) => Promise<readonly string[]>;

/** Metrics of one's own. */
export class MetricDefs {
  private readonly readers: MetricReader[] = [];

  constructor(
    private readonly hub: Hub,
    private readonly book: MetricBook,
  ) {}

  /** Who reads metrics says so, so that none is taken away from under it. */
  readBy(reader: MetricReader): void {
    this.readers.push(reader);
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<MetricDef>> {
    allow(actor, 'activity.read');
    const rows = await this.hub.select<DefRow>(
      `SELECT ${COLUMNS} FROM metric_defs WHERE org_id = :orgId ORDER BY metric`,
      {
        orgId: actor.orgId,
      },
    );
    const all = [...[...systemMetrics.values()].map(ofSystem), ...rows.map(present)];
    const from = Number(this.hub.cursors.decode('metric-defs', cursor)?.[0] ?? 0);
    const items = all.slice(from, from + limit);
    const next = from + limit;
    return { items, nextCursor: next < all.length ? this.hub.cursors.encode('metric-defs', [next]) : null };
  }

  async get(actor: Actor, id: string): Promise<MetricDef> {
    allow(actor, 'activity.read');
    return present(await this.row(actor.orgId, id));
  }

  async create(actor: Actor, body: NewMetricDef): Promise<MetricDef> {
    allow(actor, 'metrics.manage');
    const { orgId, userId } = actor;
    const dimensions = checkedDimensions(body.dimensions);
    if (systemMetrics.has(body.key) || hubMetrics.has(body.key) || body.key.startsWith('system.')) throw taken();
    if (body.formula !== null) await this.checkFormula(orgId, body.formula);
    const id = ulid(this.hub.now().getTime());
    await this.hub.transact(async (after) => {
      await this.takePlace(orgId);
      await this.hub.sequelize
        .query(
          `INSERT INTO metric_defs
             (org_id, id, metric, name, kind, unit, dimensions, aggregation, formula, created_by, created_at)
           VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
          {
            replacements: [
              orgId,
              id,
              body.key,
              body.name,
              body.kind,
              body.unit,
              JSON.stringify(dimensions),
              body.aggregation,
              body.formula,
              userId,
              this.hub.now(),
            ],
          },
        )
        .catch(onDuplicate(taken));
      after.record({ action: 'metric.created', entity: { type: 'metric', id }, after: { ...body } });
    });
    this.book.forget(orgId);
    return present(await this.row(orgId, id));
  }

  async update(
    actor: Actor,
    id: string,
    version: number,
    change: z.output<typeof MetricDefChange>,
  ): Promise<MetricDef> {
    allow(actor, 'metrics.manage');
    const { orgId } = actor;
    const def = await this.hub.transact(async (after) => {
      const before = await this.locked(orgId, id, version);
      if (change.formula !== undefined) {
        if (before.kind !== 'formula') throw invalid('formula', 'belongs to the kind formula alone', 0);
        await this.checkFormula(orgId, change.formula);
      }
      const dimensions = change.dimensions === undefined ? before.dimensions : checkedDimensions(change.dimensions);
      const next = MetricDef.parse({ ...before, ...change, dimensions, version: version + 1 });
      await this.hub.sequelize.query(
        `UPDATE metric_defs SET name = ?, unit = ?, dimensions = ?, aggregation = ?, formula = ?, version = ?
          WHERE org_id = ? AND id = ?`,
        {
          replacements: [
            next.name,
            next.unit,
            JSON.stringify(next.dimensions),
            next.aggregation,
            next.formula,
            next.version,
            orgId,
            id,
          ],
        },
      );
      after.record({ action: 'metric.updated', entity: { type: 'metric', id }, before, after: next });
      return next;
    });
    this.book.forget(orgId);
    return def;
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    allow(actor, 'metrics.manage');
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      const before = await this.locked(orgId, id, version);
      const used = (await Promise.all(this.readers.map((reader) => reader(orgId, before.key)))).flat();
      if (used.length > 0) throw new Conflict('METRIC_IN_USE', `It is read by ${used.slice(0, 5).join(', ')}.`);
      for (const table of ['metric_series', 'metric_dimensions', 'metric_dimension_values', 'metric_points'])
        await this.clear(table, orgId, before.key);
      for (const table of ['metric_dirty', 'metric_rollups', 'metric_trends'])
        await this.clear(table, orgId, before.key);
      await this.hub.sequelize.query('DELETE FROM metric_defs WHERE org_id = ? AND id = ?', {
        replacements: [orgId, id],
      });
      after.record({ action: 'metric.removed', entity: { type: 'metric', id }, before });
    });
    this.book.forget(orgId);
  }

  /** Formulas that are made of it. */
  async formulasWith(orgId: string, metric: string): Promise<string[]> {
    const own = [...(await this.book.ofOrg(orgId)).values()];
    return own.flatMap(({ key, formula }) =>
      formula && metricsOf(formula).includes(metric) ? [`the formula ${key}`] : [],
    );
  }

  private async clear(table: string, orgId: string, metric: string): Promise<void> {
    await this.hub.sequelize.query(`DELETE FROM ${table} WHERE org_id = ? AND metric = ?`, {
      replacements: [orgId, metric],
    });
  }

  /** @throws HubError EXPR_INVALID */
  private async checkFormula(orgId: string, text: string): Promise<void> {
    try {
      for (const key of metricsOf(parseFormula(text))) {
        const part = await this.book.find(orgId, key);
        if (!part) throw invalid('formula', `names ${key}, which is no metric`, text.indexOf(key));
        if (part.kind === 'formula')
          throw invalid('formula', `names ${key}, which is a formula itself`, text.indexOf(key));
      }
    } catch (error) {
      if (error instanceof FormulaError) throw invalid('formula', error.message, error.position);
      throw error;
    }
  }

  /** Under the organisation's row, so that of two that want the last place one gets it. @throws HubError LICENSE_LIMIT_REACHED */
  private async takePlace(orgId: string): Promise<void> {
    const { plan } = await this.hub.use(licensing).licenseOf(orgId);
    const most = MOST_BY_PLAN[plan ?? ''];
    if (most === null) return;
    await this.hub.select('SELECT id FROM organisations WHERE id = :orgId FOR UPDATE', { orgId });
    const rows = await this.hub.select('SELECT id FROM metric_defs WHERE org_id = :orgId FOR UPDATE', { orgId });
    const allowed = most ?? MOST_ELSEWHERE;
    if (rows.length >= allowed)
      throw new HubError('LICENSE_LIMIT_REACHED', `Your plan allows ${allowed} metrics of your own.`, {
        current: { limit: 'metrics', allowed, used: rows.length },
      });
  }

  private async row(orgId: string, id: string, lock = ''): Promise<DefRow> {
    const [row] = await this.hub.select<DefRow>(
      `SELECT ${COLUMNS} FROM metric_defs WHERE org_id = :orgId AND id = :id ${lock}`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This metric');
    return row;
  }

  private async locked(orgId: string, id: string, version: number): Promise<MetricDef> {
    const def = present(await this.row(orgId, id, 'FOR UPDATE'));
    if (def.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this metric meanwhile.', { current: def });
    return def;
  }
}

const taken = (): Conflict => new Conflict('METRIC_KEY_TAKEN', 'There is a metric with this key.');

const invalid = (path: string, message: string, position: number): HubError =>
  new HubError('EXPR_INVALID', `The formula ${message} (character ${position + 1}).`, {
    errors: [{ path, code: 'expr_invalid', message: `${message} (character ${position + 1})` }],
  });

/** @throws HubError DIMENSION_LIMIT */
function checkedDimensions(names: readonly string[]): readonly string[] {
  if (names.length <= MOST_DIMENSIONS && new Set(names).size === names.length) return names;
  throw new HubError('DIMENSION_LIMIT', `A metric has at most ${MOST_DIMENSIONS} dimensions, each named once.`, {
    errors: [
      { path: 'dimensions', code: 'dimension_limit', message: `are more than ${MOST_DIMENSIONS}, or not different` },
    ],
  });
}
