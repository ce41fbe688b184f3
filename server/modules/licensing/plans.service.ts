import { features } from '@loro/contracts/kit/features';
import type { MatrixPlan, NewPlan, PlanChange, PlanVersion } from '@loro/contracts/licensing-plans';
import { licenseLimits, limitKinds, type LimitValues } from '@loro/contracts/licensing-values';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import type { LicenseBook } from './license-book';
import { type PlanBook, presentPlan } from './plan-book';
import { PlanFeatureModel, PlanVersionModel } from './plan-version.model';
import { planAt } from './terms.policy';

type Given = { readonly [K in keyof NewPlan]?: NewPlan[K] | undefined };

/** Plans and their versions: a draft is changed, what is published never is. */
export class PlansService {
  constructor(
    private readonly hub: Hub,
    private readonly book: PlanBook,
    private readonly licenses: LicenseBook,
  ) {}

  async matrix(actor: Actor): Promise<{ features: string[]; plans: z.output<typeof MatrixPlan>[] }> {
    allow(actor, 'license.read');
    const held = await this.licenses.of(actor.orgId);
    const current = held ? planAt(held, this.hub.now()) : null;
    const onSale = (await this.book.published()).filter(({ isPublic }) => isPublic);
    // Who has an older version, or a plan that is not sold any more, sees it beside the others.
    const shown = [...onSale.filter(({ code }) => code !== current?.code), ...(current ? [current] : [])];
    const plans = shown
      .toSorted((a, b) => a.rank - b.rank)
      .map((plan) => ({
        code: plan.code,
        name: plan.name,
        planVersion: plan.planVersion,
        price: plan.price,
        interval: presentPlan(plan).interval,
        features: [...plan.features],
        limits: plan.limits,
        isCurrent: plan.id === current?.id,
      }));
    return { features: [...features], plans };
  }

  async list(
    actor: Actor,
    { limit, cursor, code }: { limit: number; cursor?: string | undefined; code?: string | undefined },
  ): Promise<Page<PlanVersion>> {
    allow(actor, 'license.admin');
    const [before] = this.hub.cursors.decode('plans', cursor) ?? [];
    const rows = await PlanVersionModel.findAll({ where: code === undefined ? {} : { code }, order: [['id', 'DESC']] });
    const page = pageOf(
      rows.filter(({ id }) => before === undefined || id < String(before)),
      limit,
      ({ id }) => this.hub.cursors.encode('plans', [id]),
      (row) => row,
    );
    return { ...page, items: await Promise.all(page.items.map((row) => this.present(row))) };
  }

  async get(actor: Actor, id: string): Promise<PlanVersion> {
    allow(actor, 'license.admin');
    return presentPlan(await this.book.byId(id));
  }

  async create(actor: Actor, input: NewPlan): Promise<PlanVersion> {
    allow(actor, 'license.admin');
    return this.hub.transact(async (after) => {
      const now = this.hub.now();
      const { code } = input;
      const last =
        (await PlanVersionModel.max<number | null, PlanVersionModel>('planVersion', { where: { code } })) ?? 0;
      const row = await PlanVersionModel.create({
        id: ulid(now.getTime()),
        code,
        planVersion: last + 1,
        ...columnsOf(input),
        publishedAt: null,
        createdAt: now,
        version: 1,
        draftOf: code,
      }).catch(onDuplicate((cause) => new Conflict('PLAN_DRAFT_OPEN', `The plan ${code} has a draft.`, { cause })));
      await this.hold(row.id, input.features, input.limits);
      return this.note('created', row, undefined, after);
    });
  }

  async change(actor: Actor, id: string, version: number, change: z.output<typeof PlanChange>): Promise<PlanVersion> {
    return this.write(actor, id, version, async (row, before, after) => {
      const whole = { ...before, ...given(change) };
      await row.update({ ...columnsOf(whole), version: version + 1 });
      await PlanFeatureModel.destroy({ where: { planVersionId: id } });
      await this.hold(id, whole.features, whole.limits);
      return this.note('changed', row, before, after);
    });
  }

  async publish(actor: Actor, id: string): Promise<PlanVersion> {
    return this.write(actor, id, null, async (row, before, after) => {
      await row.update({ publishedAt: this.hub.now(), draftOf: null, version: row.version + 1 });
      return this.note('published', row, before, after);
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.write(actor, id, version, async (row, before, after) => {
      await PlanFeatureModel.destroy({ where: { planVersionId: id } });
      await row.destroy();
      after.record({ action: 'plan.removed', entity: { type: 'plan', id }, before });
      return before;
    });
  }

  private async write(
    actor: Actor,
    id: string,
    version: number | null,
    change: (row: PlanVersionModel, before: PlanVersion, after: After) => Promise<PlanVersion>,
  ): Promise<PlanVersion> {
    allow(actor, 'license.admin');
    return this.hub.transact(async (after) => {
      const row = await PlanVersionModel.findByPk(id, { lock: true });
      if (!row) throw new NotFound('This version of a plan');
      const before = await this.present(row);
      if (row.publishedAt) throw new Conflict('PLAN_PUBLISHED', 'This version is published.');
      if (version !== null && row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this plan meanwhile.', { current: before });
      return change(row, before, after);
    });
  }

  private async hold(planVersionId: string, held: NewPlan['features'], limits: LimitValues): Promise<void> {
    await PlanFeatureModel.bulkCreate([
      ...[...new Set(held)].map((feature) => ({ planVersionId, kind: 'boolean' as const, feature, value: null })),
      ...licenseLimits.map((limit) => ({
        planVersionId,
        kind: limitKinds[limit].kind,
        feature: limit,
        value: limits[limit],
      })),
    ]);
  }

  private async present(row: PlanVersionModel): Promise<PlanVersion> {
    return presentPlan(await this.book.read(row));
  }

  private async note(
    done: string,
    row: PlanVersionModel,
    before: PlanVersion | undefined,
    after: After,
  ): Promise<PlanVersion> {
    const plan = await this.present(row);
    after.record({
      action: `plan.${done}`,
      entity: { type: 'plan', id: row.id },
      ...(before && { before }),
      after: plan,
    });
    return plan;
  }
}

const given = (change: Given): object =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));

const columnsOf = (plan: Omit<NewPlan, 'code' | 'features' | 'limits'>) => ({
  name: plan.name,
  currency: plan.price.currency,
  priceMinor: plan.price.amount,
  term: plan.interval,
  termDays: plan.intervalDays,
  graceDays: plan.graceDays,
  trialDays: plan.trialDays,
  isPublic: plan.isPublic,
  planRank: plan.rank,
});
