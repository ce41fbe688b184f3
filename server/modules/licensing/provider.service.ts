import { PaymentEvent } from '@loro/contracts/licensing-billing';
import { type After, type Hub, NotFound, type PublicRequest, Unauthenticated } from '../../platform';
import type { ChargesService } from './charges.service';
import { isSigned } from './payments.policy';
import type { LicenseBook } from './license-book';
import type { LicenseWriter } from './license-writer.service';
import type { Payments } from './payments';
import type { SubscriptionStore } from './subscription.store';

export type Outcome = 'applied' | 'repeated' | 'outdated' | 'unknown';

interface Uses {
  readonly book: LicenseBook;
  readonly writer: LicenseWriter;
  readonly charges: ChargesService;
  readonly subscriptions: SubscriptionStore;
  readonly payments: Payments;
}

/** What the payment provider says by itself: signed, at most five minutes old, once, and in any order. */
export class ProviderService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async hear(
    provider: string,
    request: Pick<PublicRequest, 'header'> & { rawBody: string },
    body: unknown,
  ): Promise<{ outcome: Outcome }> {
    this.mustBeSigned(provider, request);
    const said = PaymentEvent.safeParse(body);
    // Kinds of events that are of no use here are taken, or the provider would send them again and again.
    if (!said.success) return { outcome: 'unknown' };
    const id = request.header('webhook-id');
    const outcome = await this.hub.transact(async (after) => {
      if (!(await this.uses.subscriptions.hear(provider, id))) return 'repeated';
      return this.apply(provider, said.data, after);
    });
    return { outcome };
  }

  private async apply(provider: string, said: PaymentEvent, after: After): Promise<Outcome> {
    if (said.type === 'billing.subscription.changed') return this.subscription(provider, said, after);
    const { chargeId, organisation } = said.data;
    const at = new Date(said.at);
    const status = said.type === 'billing.invoice.paid' ? 'paid' : 'declined';
    const reference = 'reference' in said.data ? said.data.reference : undefined;
    const reason = 'reason' in said.data ? said.data.reason : undefined;
    try {
      await this.uses.charges.settle(organisation, chargeId, { status, reference, reason, at }, after);
      return 'applied';
    } catch (error) {
      if (error instanceof NotFound) return 'unknown';
      throw error;
    }
  }

  private async subscription(
    provider: string,
    { at, data }: Extract<PaymentEvent, { type: 'billing.subscription.changed' }>,
    after: After,
  ): Promise<Outcome> {
    const held = await this.uses.book.lockCurrent(data.organisation);
    if (held?.row.type !== 'subscription') return 'unknown';
    const { orgId, id, expiresAt } = held.row;
    const currentPeriodEnd = data.currentPeriodEnd === null ? null : new Date(data.currentPeriodEnd);
    const isNews = await this.uses.subscriptions.keep(orgId, id, {
      provider,
      externalId: data.subscription,
      state: data.state,
      currentPeriodEnd,
      cancelAtPeriodEnd: data.cancelAtPeriodEnd,
      saidAt: new Date(at),
    });
    if (!isNews) return 'outdated';
    // A provider that charges by itself has been paid up to there.
    const isLonger =
      data.state === 'active' && currentPeriodEnd !== null && expiresAt !== null && currentPeriodEnd > expiresAt;
    const goesOn = data.state !== 'cancelled' && !data.cancelAtPeriodEnd;
    await this.uses.writer.change(
      held,
      {
        renewalAuto: goesOn && held.row.renewalAuto,
        ...(isLonger && { expiresAt: currentPeriodEnd, termStart: expiresAt }),
      },
      { done: 'subscription-changed', data: { state: data.state, subscription: data.subscription } },
      after,
    );
    return 'applied';
  }

  /** One answer to whatever is wrong. */
  private mustBeSigned(provider: string, request: Pick<PublicRequest, 'header'> & { rawBody: string }): void {
    const { PAYMENT_SECRET: secret, PAYMENT_PROVIDER: name } = this.hub.config;
    const said = {
      id: request.header('webhook-id'),
      timestamp: request.header('webhook-timestamp'),
      signatures: request.header('webhook-signature'),
      body: request.rawBody,
    };
    if (secret === undefined || provider !== name || said.id.length > 120 || !isSigned(said, secret, this.hub.now()))
      throw new Unauthenticated('WEBHOOK_SIGNATURE', 'The signature is wrong, or too old.');
  }
}
