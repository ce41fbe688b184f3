import type { Charge, PlanPreview } from '@loro/contracts/licensing-billing';
import type { License } from '@loro/contracts/licensing-values';
import { type Actor, allow, Conflict, type Hub, HubError, NotFound } from '../../platform';
import type { ChargesService } from './charges.service';
import type { LicenseBook, Locked } from './license-book';
import type { LicenseWriter } from './license-writer.service';
import type { LicensesService } from './licenses.service';
import type { LimitsService } from './limits.service';
import type { Owners } from './owners';
import type { RenewalBasis } from './periods.policy';
import type { Plan, PlanBook } from './plan-book';
import { previewOf, type Standpoint } from './plan-change.policy';
import type { SubscriptionStore } from './subscription.store';
import { given, type Held, standingOf } from './terms.policy';

interface Uses {
  readonly book: LicenseBook;
  readonly plans: PlanBook;
  readonly writer: LicenseWriter;
  readonly licenses: LicensesService;
  readonly limits: LimitsService;
  readonly charges: ChargesService;
  readonly subscriptions: SubscriptionStore;
  readonly owners: Owners;
}

interface Bought {
  readonly charge: Charge | null;
  readonly license: License;
}

/** Buying: plans, terms, and whether they go on by themselves. The owner’s own doing. */
export class BillingService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async preview(actor: Actor, code: string): Promise<PlanPreview> {
    allow(actor, 'license.quote');
    const { held, to } = await this.wanted(actor, code);
    return this.previewOf(held, to);
  }

  async changePlan(actor: Actor, code: string): Promise<Bought> {
    await this.uses.owners.must(actor, 'license.buy');
    const { held, to } = await this.wanted(actor, code);
    const { kind, priceNow, at } = await this.previewOf(held, to);
    if (kind === 'same') return this.stay(actor);
    if (kind === 'downgrade') return this.later(actor, to, new Date(at));
    const { orgId, id: licenseId, expiresAt } = held.row;
    // A charge with the end of a term leaves that term as it is.
    const termEnd = kind === 'upgrade' ? expiresAt : null;
    const charge = await this.uses.charges.make({
      orgId,
      licenseId,
      purpose: 'plan',
      plan: to,
      amount: priceNow.amount,
      ...(termEnd && { keepsTerm: termEnd }),
    });
    return this.bought(orgId, licenseId, charge);
  }

  async renew(actor: Actor): Promise<Bought> {
    await this.uses.owners.must(actor, 'license.buy');
    const held = await this.mine(actor);
    mustBeSold(held, this.hub.now());
    if (held.row.type !== 'subscription')
      throw new Conflict('LICENSE_STATE', `A ${held.row.type} licence is not renewed: choose a plan.`);
    const { orgId, id: licenseId } = held.row;
    const plan = held.next?.plan ?? held.plan;
    const charge = await this.uses.charges.make({
      orgId,
      licenseId,
      purpose: 'renewal',
      plan,
      amount: plan.price.amount,
    });
    return this.bought(orgId, licenseId, charge);
  }

  async setRenewal(
    actor: Actor,
    version: number,
    change: { auto?: boolean | undefined; basis?: RenewalBasis | undefined },
  ): Promise<License> {
    return this.write(actor, async (held, after) => {
      if (held.row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this licence meanwhile.', {
          current: await this.uses.licenses.present(held),
        });
      mustBeSold(held, this.hub.now());
      const fields = {
        ...(change.auto !== undefined && { renewalAuto: change.auto }),
        ...(change.basis !== undefined && { renewalBasis: change.basis }),
      };
      return this.uses.writer.change(held, fields, { done: 'renewal-changed' }, after);
    });
  }

  /** It runs to the end of its term; until then it can be taken back. */
  async cancel(actor: Actor, isCancelled: boolean): Promise<void> {
    await this.write(actor, async (held, after) => {
      const { orgId, id, type } = held.row;
      const subscription = await this.uses.subscriptions.find(orgId, id);
      if (type !== 'subscription' && !subscription)
        throw new Conflict('NO_SUBSCRIPTION', 'The licence is not a subscription.');
      if (!isCancelled && standingOf(held, this.hub.now()).state !== 'active')
        throw new Conflict('NO_SUBSCRIPTION', 'The subscription has ended: buy the next term.');
      await this.uses.subscriptions.cancel(orgId, id, isCancelled);
      const done = isCancelled ? 'subscription-cancelled' : 'subscription-resumed';
      return this.uses.writer.change(held, { renewalAuto: !isCancelled }, { done }, after);
    });
  }

  /** The plan that is there: a smaller one that was to follow does not. */
  private async stay(actor: Actor): Promise<Bought> {
    const license = await this.write(actor, async (held, after) =>
      held.next
        ? this.uses.writer.change(
            held,
            { nextPlanVersionId: null, nextPlanAt: null },
            { done: 'downgrade-called-off' },
            after,
          )
        : held,
    );
    return { charge: null, license };
  }

  private async later(actor: Actor, plan: Plan, at: Date): Promise<Bought> {
    const license = await this.write(actor, (held, after) =>
      this.uses.writer.change(
        held,
        { nextPlanVersionId: plan.id, nextPlanAt: at },
        { done: 'downgrade-chosen', data: { plan: plan.code, at: at.toISOString() } },
        after,
      ),
    );
    return { charge: null, license };
  }

  private async bought(orgId: string, licenseId: string, charge: Charge): Promise<Bought> {
    if (charge.state === 'failed')
      throw new HubError('PAYMENT_FAILED', `The payment failed: ${charge.failure ?? 'declined'}.`, { current: charge });
    return { charge, license: await this.uses.licenses.present(await this.uses.book.find(orgId, licenseId)) };
  }

  private async wanted(actor: Actor, code: string): Promise<{ held: Held; to: Plan }> {
    const held = await this.mine(actor);
    mustBeSold(held, this.hub.now());
    const to = await this.uses.plans.newest(code);
    if (!to.isPublic)
      throw new HubError('PLAN_UNKNOWN', `The plan ${code} is not for sale.`, {
        errors: [{ path: 'plan', code: 'not_public', message: 'is not for sale' }],
      });
    return { held, to };
  }

  private async previewOf(held: Held, to: Plan): Promise<PlanPreview> {
    const { row, plan } = held;
    const now = this.hub.now();
    const { state, overage } = standingOf(held, now);
    const at: Standpoint = {
      type: row.type,
      isPaid: row.type === 'subscription' && state === 'active',
      termStart: row.termStart,
      expiresAt: row.expiresAt,
    };
    const { limits } = given(to, [], now);
    const over = await this.uses.limits.over(row.orgId, { limits, overage, state: 'active' });
    return previewOf(plan, to, at, over, now);
  }

  private async mine(actor: Actor): Promise<Held> {
    const held = await this.uses.book.current(actor.orgId);
    if (!held) throw new NotFound('A licence of this organisation');
    return held;
  }

  private async write(
    actor: Actor,
    change: (held: Locked, after: Parameters<LicenseWriter['change']>[3]) => Promise<Held>,
  ): Promise<License> {
    await this.uses.owners.must(actor, 'license.buy');
    return this.hub.transact(async (after) => {
      const held = await this.uses.book.lockCurrent(actor.orgId);
      if (!held) throw new NotFound('A licence of this organisation');
      return this.uses.licenses.present(await change(held, after));
    });
  }
}

/** What was sold by hand is changed by hand, and what was stopped is not for the owner to go on with. */
function mustBeSold(held: Held, now: Date): void {
  const { state } = standingOf(held, now);
  const { type } = held.row;
  if (state === 'suspended' || state === 'revoked') throw new Conflict('LICENSE_STATE', `The licence is ${state}.`);
  if ((type === 'perpetual' || type === 'enterprise') && state !== 'expired')
    throw new Conflict('LICENSE_STATE', `A licence of type ${type} is changed by whoever sold it.`);
}
