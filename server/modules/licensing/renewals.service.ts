import { renewLicense } from '@loro/contracts/licensing-live';
import { Conflict, type Hub } from '../../platform';
import type { ChargesService } from './charges.service';
import type { LicenseBook } from './license-book';
import type { Payments } from './payments';
import { attemptDue, attemptsOf } from './periods.policy';
import { standingOf } from './terms.policy';

const A_DAY_MS = 86_400_000;
const LONG_OVER_MS = 60 * A_DAY_MS;
const UNANSWERED_MS = 10 * 60_000;

/** Renewals that nobody asks for: tried a day before the end, and again for as long as the grace lasts. */
export class RenewalsService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: { book: LicenseBook; charges: ChargesService; payments: Payments },
  ) {}

  /** A job for each, so that one that hangs keeps no other waiting. */
  async askAll(): Promise<void> {
    if (!this.uses.payments.isSetUp) return;
    const now = this.hub.now().getTime();
    const due = await this.hub.select<{ orgId: string }>(
      `SELECT org_id AS orgId FROM licenses WHERE renewal_auto = 1 AND expires_at <= :soon AND expires_at > :longOver
         AND current_for IS NOT NULL AND type = 'subscription' AND suspended_at IS NULL AND revoked_at IS NULL`,
      { soon: new Date(now + A_DAY_MS), longOver: new Date(now - LONG_OVER_MS) },
    );
    const unanswered = await this.uses.charges.unanswered(new Date(now - UNANSWERED_MS));
    const orgIds = [...new Set([...due, ...unanswered].map(({ orgId }) => orgId))].toSorted();
    await this.hub.transact(async (after) => {
      for (const orgId of orgIds) after.enqueue(renewLicense, { orgId });
    });
  }

  async run(orgId: string): Promise<void> {
    const { charges, payments, book } = this.uses;
    if (!payments.isSetUp) return;
    const before = new Date(this.hub.now().getTime() - UNANSWERED_MS);
    const waiting = (await charges.unanswered(before)).filter((charge) => charge.orgId === orgId);
    for (const charge of waiting) await charges.pay(charge);

    const held = await book.current(orgId);
    if (!held?.row.renewalAuto || held.row.type !== 'subscription' || held.row.expiresAt === null) return;
    const { row } = held;
    const { expiresAt, graceDays } = held.row;
    const now = this.hub.now();
    const { state } = standingOf(held, now);
    if (expiresAt === null || (state !== 'active' && state !== 'grace')) return;
    const attempt = attemptDue(expiresAt, graceDays, await charges.lastTried(orgId, row.id, expiresAt), now);
    if (!attempt) return;
    const nextAt = attemptsOf(expiresAt, graceDays).find(({ n }) => n > attempt.n)?.at ?? null;
    const plan = held.next?.plan ?? held.plan;
    try {
      await charges.make({
        orgId,
        licenseId: row.id,
        purpose: 'renewal',
        plan,
        amount: plan.price.amount,
        attempt: { n: attempt.n, termEnd: expiresAt, nextAt },
      });
    } catch (error) {
      // Another worker makes this very try, or the owner pays just now.
      if (!(error instanceof Conflict)) throw error;
    }
  }
}
