import type { Organisation, User } from '@loro/contracts/people';
import { type After, Conflict, type Hub } from '../../platform';
import { people } from '../people';
import type { LicenseWriter } from './license-writer.service';
import type { Interval } from './periods.policy';
import type { Plan, PlanBook } from './plan-book';
import { changed } from './rows.store';
import { claimOf } from './trials.policy';

/** A trial has all that this plan holds. */
const TRIAL_PLAN = 'business';
const USUAL_DAYS = 14;

/** Trials: one for an organisation, and one for the domain of whoever founds it. */
export class TrialsService {
  constructor(
    private readonly hub: Hub,
    private readonly plans: PlanBook,
    private readonly writer: LicenseWriter,
  ) {}

  termOf({ trialDays }: Pick<Plan, 'trialDays'>): Interval {
    return { unit: 'days', days: trialDays === 0 ? USUAL_DAYS : trialDays };
  }

  /**
   * In the transaction that founds it. Whose domain has had its trial begins with one that has ended: nothing tells
   * him so before he has proved that the address is his.
   */
  async begin({ organisation, owner }: { organisation: Organisation; owner: User }, after: After): Promise<void> {
    const { id: orgId } = organisation;
    const plan = await this.plans.newest(TRIAL_PLAN);
    const isFirst = await this.claim(orgId, owner.email);
    const now = this.hub.now();
    const { days } = { days: USUAL_DAYS, ...this.termOf(plan) };
    const expiresAt = isFirst ? new Date(now.getTime() + days * 86_400_000) : now;
    const fields = { type: 'trial', startsAt: now, expiresAt, anchorDay: now.getUTCDate() } as const;
    await this.writer.create({ orgId, plan, fields }, { done: 'trial-begun', data: { isFirst } }, after);
    if (!isFirst)
      this.hub.mail.post(after, {
        to: owner.email,
        subject: `${organisation.name}: choose a plan`,
        text: `Your company has had its trial of Loro Hub already, so ${organisation.name} begins without one.\n\nSign in and choose a plan, or ask whoever began the trial to invite you.`,
      });
  }

  /** In the caller’s transaction. @throws Conflict TRIAL_USED */
  async claimFor(orgId: string): Promise<void> {
    const { ownerId } = await this.hub.use(people).organisationOf(orgId);
    const email = ownerId === null ? null : (await this.hub.use(people).byId(orgId, ownerId)).email;
    if (!(await this.claim(orgId, email)))
      throw new Conflict('TRIAL_USED', 'The organisation, or its domain, has had its trial.');
  }

  private async claim(orgId: string, email: string | null): Promise<boolean> {
    const now = this.hub.now();
    const claims = [`organisation:${orgId}`, ...(email === null ? [] : [claimOf(email)])];
    for (const claim of claims) {
      const rows = await changed(
        this.hub,
        'INSERT IGNORE INTO license_trials (claim, org_id, at) VALUES (:claim, :orgId, :now)',
        { claim, orgId, now },
      );
      if (rows === 0) return false;
    }
    return true;
  }
}
