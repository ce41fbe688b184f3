import { type Feature, features } from '@loro/contracts/kit/features';
import { licenseLimits, type LicenseLimit, type LimitValues } from '@loro/contracts/licensing-values';
import type { PlanVersion } from '@loro/contracts/licensing-plans';
import { HubError, NotFound } from '../../platform';
import type { Interval } from './periods.policy';
import { PlanFeatureModel, PlanVersionModel } from './plan-version.model';

/** One version of a plan, as the room reckons with it. */
export interface Plan {
  readonly id: string;
  readonly code: string;
  readonly planVersion: number;
  readonly name: string;
  readonly price: { readonly amount: number; readonly currency: string };
  readonly term: Interval;
  readonly graceDays: number;
  readonly trialDays: number;
  readonly isPublic: boolean;
  readonly rank: number;
  readonly features: readonly Feature[];
  readonly limits: LimitValues;
  readonly publishedAt: Date | null;
  readonly createdAt: Date;
  readonly version: number;
}

const isFeature = (name: string): name is Feature => features.some((one) => one === name);
const isLimit = (name: string): name is LicenseLimit => licenseLimits.some((one) => one === name);

/** A limit that a version does not name has none left: what is new must be given on purpose. */
const noLimits: LimitValues = {
  users: 0,
  branches: 0,
  'storage-bytes': 0,
  'api-calls': 0,
  integrations: 0,
  activations: 0,
};

/** The plans. Published versions never change, so what was read once is known. */
export class PlanBook {
  private readonly known = new Map<string, Plan>();

  /** @throws NotFound */
  async byId(id: string): Promise<Plan> {
    const known = this.known.get(id);
    if (known) return known;
    const row = await PlanVersionModel.findByPk(id);
    if (!row) throw new NotFound('This version of a plan');
    return this.read(row);
  }

  /** The newest published version of a plan. @throws HubError PLAN_UNKNOWN */
  async newest(code: string): Promise<Plan> {
    const row = await PlanVersionModel.findOne({ where: { code, draftOf: null }, order: [['planVersion', 'DESC']] });
    if (row) return this.read(row);
    throw new HubError('PLAN_UNKNOWN', `There is no plan ${code}.`, {
      errors: [{ path: 'plan', code: 'unknown', message: 'is no published plan' }],
    });
  }

  /** The newest published version of every plan, cheapest rank first. */
  async published(): Promise<Plan[]> {
    const rows = await PlanVersionModel.findAll({
      where: { draftOf: null },
      order: ['planRank', 'code', 'planVersion'],
    });
    const newest = new Map(rows.map((row) => [row.code, row]));
    return Promise.all([...newest.values()].map((row) => this.read(row)));
  }

  async read(row: PlanVersionModel): Promise<Plan> {
    const held = await PlanFeatureModel.findAll({ where: { planVersionId: row.id } });
    const plan = planOf(row, held);
    if (plan.publishedAt) this.known.set(plan.id, plan);
    return plan;
  }
}

const termOf = ({ term, termDays }: PlanVersionModel): Interval =>
  term === 'custom' ? { unit: 'days', days: termDays ?? 30 } : { unit: term };

function planOf(row: PlanVersionModel, held: readonly PlanFeatureModel[]): Plan {
  const counted = held.filter(({ kind }) => kind !== 'boolean');
  const limits = { ...noLimits };
  for (const { feature, value } of counted) if (isLimit(feature)) limits[feature] = value;
  const names = new Set(held.filter(({ kind }) => kind === 'boolean').map(({ feature }) => feature));
  return {
    id: row.id,
    code: row.code,
    planVersion: row.planVersion,
    name: row.name,
    price: { amount: row.priceMinor, currency: row.currency },
    term: termOf(row),
    graceDays: row.graceDays,
    trialDays: row.trialDays,
    isPublic: row.isPublic,
    rank: row.planRank,
    features: [...names].filter(isFeature).toSorted((a, b) => features.indexOf(a) - features.indexOf(b)),
    limits,
    publishedAt: row.publishedAt,
    createdAt: row.createdAt,
    version: row.version,
  };
}

export const presentPlan = ({ term, rank, ...plan }: Plan): PlanVersion => ({
  ...plan,
  features: [...plan.features],
  interval: term.unit === 'days' ? 'custom' : term.unit,
  intervalDays: term.unit === 'days' ? term.days : null,
  rank,
  publishedAt: plan.publishedAt?.toISOString() ?? null,
  createdAt: plan.createdAt.toISOString(),
});
