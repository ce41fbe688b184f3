import type { Charge } from '@loro/contracts/licensing-billing';
import { licensingLive } from '@loro/contracts/licensing-live';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { ChargeModel } from './charge.model';
import type { InvoicesService } from './invoices.service';
import type { LicenseBook, Locked } from './license-book';
import type { LicenseWriter } from './license-writer.service';
import type { LicensesService } from './licenses.service';
import type { Owners } from './owners';
import type { ChargeAnswer, Payments } from './payments';
import { intervalAfter } from './periods.policy';
import type { Plan, PlanBook } from './plan-book';
import type { SubscriptionStore } from './subscription.store';

interface NewCharge {
  readonly orgId: string;
  readonly licenseId: string;
  readonly purpose: Charge['purpose'];
  readonly plan: Plan;
  readonly amount: number;
  /** The end of the term that a larger plan is taken within; without it a term begins. */
  readonly keepsTerm?: Date;
  /** Of an automatic renewal. */
  readonly attempt?: { readonly n: number; readonly termEnd: Date; readonly nextAt: Date | null };
}

interface Uses {
  readonly book: LicenseBook;
  readonly plans: PlanBook;
  readonly writer: LicenseWriter;
  readonly licenses: LicensesService;
  readonly subscriptions: SubscriptionStore;
  readonly payments: Payments;
  readonly owners: Owners;
  readonly invoices: InvoicesService;
}

/** What an answer of the provider says, from wherever it comes. */
export type Settled = Pick<ChargeAnswer, 'reference' | 'subscription' | 'reason'> & {
  readonly status: 'paid' | 'declined';
  readonly at: Date;
};

/** Charges: written down before the provider is asked, and settled once, whoever says it first. */
export class ChargesService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<Charge>> {
    allow(actor, 'license.read');
    const { orgId } = actor;
    const [before] = this.hub.cursors.decode('charges', cursor) ?? [];
    const rows = await ChargeModel.findAll({ where: { orgId }, order: [['id', 'DESC']] });
    const page = pageOf(
      rows.filter(({ id }) => before === undefined || id < String(before)),
      limit,
      ({ id }) => this.hub.cursors.encode('charges', [id]),
      (row) => row,
    );
    return { ...page, items: await Promise.all(page.items.map((row) => this.present(row))) };
  }

  /** Charges now. @throws Conflict CHARGE_UNDER_WAY, PAYMENTS_NOT_SET_UP */
  async make(wish: NewCharge): Promise<Charge> {
    if (!this.uses.payments.isSetUp) throw new Conflict('PAYMENTS_NOT_SET_UP', 'This hub has no payment provider.');
    // Stays whatever becomes of the caller’s transaction: the provider is about to be asked.
    return this.pay(await this.hub.transactApart((after) => this.open(wish, after)));
  }

  /** Asks the provider, once more where it did not answer. */
  async pay(row: ChargeModel): Promise<Charge> {
    const { orgId, id } = row;
    const plan = await this.uses.plans.byId(row.planVersionId);
    const answer = await this.uses.payments.charge({
      id,
      organisation: orgId,
      amount: row.priceMinor,
      currency: row.currency,
      description: `Loro Hub, ${plan.name}`,
    });
    const { status } = answer;
    if (status === 'pending') return this.present(row);
    const settled = await this.hub.transact((after) =>
      this.settle(orgId, id, { ...answer, status, at: this.hub.now() }, after),
    );
    return this.present(settled);
  }

  /** In the caller’s transaction: what was said first holds. */
  async settle(orgId: string, id: string, said: Settled, after: After): Promise<ChargeModel> {
    const row = await ChargeModel.findOne({ where: { orgId, id }, lock: true });
    if (!row) throw new NotFound('This charge');
    if (row.state !== 'pending') return row;
    const isPaid = said.status === 'paid';
    await row.update({
      state: isPaid ? 'paid' : 'failed',
      openFor: null,
      settledAt: this.hub.now(),
      reference: said.reference ?? null,
      failure: isPaid ? null : (said.reason ?? 'declined'),
      ...(isPaid && { nextAt: null }),
    });
    after.record({
      action: isPaid ? 'license-charge.paid' : 'license-charge.failed',
      orgId,
      entity: { type: 'license-charge', id },
      data: { amount: String(row.priceMinor), currency: row.currency, purpose: row.purpose, attempt: row.attempt },
    });
    const held = await this.uses.book.lock(orgId, row.licenseId);
    if (isPaid) await this.paid(row, held, said, after);
    else await this.failed(row, held, after);
    return row;
  }

  /** Charges that nobody answered for a while. */
  async unanswered(before: Date): Promise<ChargeModel[]> {
    const rows = await ChargeModel.findAll({ where: { state: 'pending' }, order: ['createdAt'], limit: 200 });
    return rows.filter(({ createdAt }) => createdAt < before);
  }

  /** The highest try of a term. */
  async lastTried(orgId: string, licenseId: string, termEnd: Date): Promise<number | null> {
    return ChargeModel.max<number | null, ChargeModel>('attempt', { where: { orgId, licenseId, termEnd } });
  }

  async present(row: ChargeModel): Promise<Charge> {
    return row.toContract((await this.uses.plans.byId(row.planVersionId)).code);
  }

  private async open({ attempt, keepsTerm, ...wish }: NewCharge, after: After): Promise<ChargeModel> {
    const { orgId, licenseId, purpose, plan, amount } = wish;
    const now = this.hub.now();
    const id = ulid(now.getTime());
    const row = await ChargeModel.create({
      orgId,
      id,
      licenseId,
      purpose,
      planVersionId: plan.id,
      priceMinor: amount,
      currency: plan.price.currency,
      state: 'pending',
      openFor: licenseId,
      attempt: attempt?.n ?? null,
      termEnd: attempt?.termEnd ?? keepsTerm ?? null,
      failure: null,
      reference: null,
      createdAt: now,
      settledAt: null,
      nextAt: attempt?.nextAt ?? null,
    }).catch(onDuplicate((cause) => new Conflict('CHARGE_UNDER_WAY', 'A payment is under way.', { cause })));
    after.record({
      action: 'license-charge.opened',
      orgId,
      entity: { type: 'license-charge', id },
      data: { amount: String(amount), currency: plan.price.currency, purpose, plan: plan.code },
    });
    return row;
  }

  private async paid(row: ChargeModel, held: Locked, said: Settled, after: After): Promise<void> {
    await this.uses.invoices.issue(row, (await this.uses.plans.byId(row.planVersionId)).name);
    const changed =
      row.purpose === 'renewal'
        ? await this.uses.licenses.renewed(held, after, { done: 'renewed' })
        : await this.take(row, held, after);
    const { orgId, id: licenseId, expiresAt } = changed.row;
    await this.uses.subscriptions.keep(orgId, licenseId, {
      provider: this.uses.payments.name,
      externalId: said.subscription ?? licenseId,
      state: 'active',
      currentPeriodEnd: expiresAt,
      cancelAtPeriodEnd: false,
      saidAt: said.at,
    });
  }

  /** The plan that was paid for: at once, with a term of its own where none was under way. */
  private async take(row: ChargeModel, held: Locked, after: After) {
    const plan = await this.uses.plans.byId(row.planVersionId);
    const fields = { planVersionId: plan.id, nextPlanVersionId: null, nextPlanAt: null };
    const act = { done: 'plan-taken', data: { plan: plan.code } };
    if (row.termEnd === null) return this.uses.writer.change(held, { ...fields, ...this.begun(plan) }, act, after);
    return this.uses.writer.change(held, fields, act, after);
  }

  private begun(plan: Plan) {
    const now = this.hub.now();
    const anchorDay = now.getUTCDate();
    return {
      type: 'subscription' as const,
      termStart: now,
      expiresAt: intervalAfter(now, plan.term, anchorDay),
      anchorDay,
      graceDays: plan.graceDays,
      renewalAuto: true,
    };
  }

  /** The owner hears of it, and when it is tried again. */
  private async failed(row: ChargeModel, { row: license }: Locked, after: After): Promise<void> {
    const { orgId, id } = license;
    await this.uses.subscriptions.mark(orgId, id, 'past_due');
    if (row.purpose !== 'renewal') return;
    const at = (row.nextAt ?? this.hub.now()).toISOString();
    after.publish(licensingLive, 'license:reminder', { orgId, id: orgId }, { kind: 'payment-failed', days: null, at });
    const again = row.nextAt
      ? `We try again on ${at.slice(0, 10)}. Until then nothing changes.`
      : 'We do not try again. Pay the next term under Licence, or the organisation can only be read from the end of its grace.';
    await this.uses.owners.write(orgId, after, {
      subject: 'the renewal was not paid',
      text: `The payment for your Loro Hub licence failed: ${row.failure ?? 'declined'}.\n\n${again}`,
    });
  }
}
