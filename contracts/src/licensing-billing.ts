import { z } from 'zod';
import { act, feed, get, list, PageQuery, patch } from './kit/api';
import { Id, Instant } from './kit/values';
import { CurrentLicense, License, LicenseLimit, Money, OverLimit, PlanCode, RenewalBasis } from './licensing-values';

const Change = z.strictObject({ plan: PlanCode });
/** The new value of each limit that differs. */
const LimitChanges = z.partialRecord(LicenseLimit, z.int().min(0).nullable());

export const PlanPreview = z.object({
  /** `begin`: there is no paid term, so a whole one is bought. */
  kind: z.enum(['begin', 'upgrade', 'downgrade', 'same']),
  from: z.string(),
  to: z.string(),
  /** When the plan takes over. */
  at: Instant,
  priceNow: Money,
  nextPrice: Money,
  gained: z.object({ features: z.array(z.string()), limits: LimitChanges }),
  lost: z.object({ features: z.array(z.string()), limits: LimitChanges }),
  /** There is more than the plan allows: from then on nothing can be added. */
  over: z.array(OverLimit),
});
export type PlanPreview = z.infer<typeof PlanPreview>;

export const Charge = z.object({
  id: Id,
  purpose: z.enum(['renewal', 'plan']),
  plan: z.string(),
  price: Money,
  state: z.enum(['pending', 'paid', 'failed']),
  /** Of an automatic renewal: which try it was. */
  attempt: z.number().int().nullable(),
  /** The end of the term that it renews. */
  termEnd: Instant.nullable(),
  failure: z.string().nullable(),
  reference: z.string().nullable(),
  createdAt: Instant,
  settledAt: Instant.nullable(),
  /** When it is tried again. */
  nextAt: Instant.nullable(),
});
export type Charge = z.infer<typeof Charge>;

/** Of a charge that was paid; it does not change any more. */
export const Invoice = z.object({
  id: Id,
  /** Counted by the year, without a gap: `2026-000017`. */
  number: z.string(),
  chargeId: Id,
  organisation: z.string(),
  country: z.string(),
  description: z.string(),
  price: Money,
  reference: z.string().nullable(),
  issuedAt: Instant,
});
export type Invoice = z.infer<typeof Invoice>;

/** `license` is as it stands: with `pending` the plan or the term follows when the provider says that it was paid. */
const Paid = z.object({ charge: Charge.nullable(), license: License });

/** What a payment provider says: its own kinds of events are translated by what stands before it. */
export const PaymentEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('billing.invoice.paid'),
    at: Instant,
    data: z.object({ chargeId: Id, organisation: Id, reference: z.string().max(120).optional() }),
  }),
  z.object({
    type: z.literal('billing.invoice.failed'),
    at: Instant,
    data: z.object({ chargeId: Id, organisation: Id, reason: z.string().max(200).optional() }),
  }),
  z.object({
    type: z.literal('billing.subscription.changed'),
    at: Instant,
    data: z.object({
      organisation: Id,
      subscription: z.string().min(1).max(120),
      state: z.enum(['active', 'past_due', 'cancelled']),
      currentPeriodEnd: Instant.nullable().default(null),
      cancelAtPeriodEnd: z.boolean().default(false),
    }),
  }),
]);
export type PaymentEvent = z.output<typeof PaymentEvent>;

const buy = { permission: 'license.buy', license: 'any', freshSignIn: true } as const;
const payment = ['PAYMENTS_NOT_SET_UP', 'PAYMENT_FAILED', 'CHARGE_UNDER_WAY', 'LICENSE_STATE'] as const;

export const billingRows = {
  previewPlan: act('/licensing/change-plan/preview', {
    permission: 'license.quote',
    license: 'any',
    body: Change,
    returns: PlanPreview,
    errors: ['PLAN_UNKNOWN', 'LICENSE_STATE'],
    summary: 'See what another plan costs now and later, what it brings and what there is too much of for it',
  }),
  takePlan: act('/licensing/change-plan', {
    ...buy,
    body: Change,
    returns: Paid,
    errors: ['PLAN_UNKNOWN', ...payment],
    summary: 'Take a larger plan now, or a smaller one at the end of the term; the present one calls that off',
  }),
  setRenewal: patch('/licensing/renewal', {
    ...buy,
    body: z
      .strictObject({ auto: z.boolean(), basis: RenewalBasis })
      .partial()
      .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' }),
    returns: License,
    versioned: true,
    errors: ['LICENSE_STATE'],
    summary: 'Renew by itself or not, and from when the new term counts',
  }),
  renew: act('/licensing/renew', {
    ...buy,
    returns: Paid,
    errors: payment,
    summary: 'Pay the next term now',
  }),
  cancelSubscription: act('/licensing/subscription/cancel', {
    ...buy,
    returns: CurrentLicense,
    errors: ['NO_SUBSCRIPTION'],
    summary: 'Let the subscription end with its term',
  }),
  resumeSubscription: act('/licensing/subscription/resume', {
    ...buy,
    returns: CurrentLicense,
    errors: ['NO_SUBSCRIPTION'],
    summary: 'Take a cancellation back before the term ends',
  }),
  charges: list('/licensing/charges', {
    permission: 'license.read',
    license: 'any',
    query: PageQuery,
    returns: Charge,
    summary: 'List what was charged, tries that failed included, newest first',
  }),
  invoices: list('/licensing/invoices', {
    permission: 'license.read',
    license: 'any',
    query: PageQuery,
    returns: Invoice,
    summary: 'List invoices, newest first',
  }),
  invoice: get('/licensing/invoices/:invoiceId', {
    permission: 'license.read',
    license: 'any',
    returns: Invoice,
    summary: 'Read one invoice',
  }),
  invoiceFile: feed('/licensing/invoices/:invoiceId/file', {
    permission: 'license.read',
    license: 'any',
    headers: { 'Content-Disposition': 'The number of the invoice' },
    summary: 'The invoice as a PDF',
  }),
  paymentEvent: act('/licensing/webhooks/:provider', {
    public: 'the provider signs what it says',
    params: z.object({ provider: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/) }),
    body: z.looseObject({ type: z.string().max(80) }),
    returns: z.object({ outcome: z.enum(['applied', 'repeated', 'outdated', 'unknown']) }),
    errors: ['WEBHOOK_SIGNATURE'],
    summary: 'Hear from the payment provider; signed as our own webhooks are',
  }),
};
