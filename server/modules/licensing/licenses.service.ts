import type { CurrentLicense, License, LicenseEvent } from '@loro/contracts/licensing-values';
import type { z } from 'zod';
import { type Actor, type After, allow, Conflict, type Hub, NotFound, type Page, pageOf } from '../../platform';
import type { HistoryStore } from './history.store';
import type { LicenseBook, Locked } from './license-book';
import type { LicenseWriter } from './license-writer.service';
import { works } from './licensing.policy';
import { allowedOf } from './limits.policy';
import type { LimitsService } from './limits.service';
import { renewed } from './periods.policy';
import type { SeatsService } from './seats.service';
import type { SubscriptionStore } from './subscription.store';
import { type Held, presentLicense, standingOf } from './terms.policy';

interface Uses {
  readonly book: LicenseBook;
  readonly writer: LicenseWriter;
  readonly history: HistoryStore;
  readonly limits: LimitsService;
  readonly seats: SeatsService;
  readonly subscriptions: SubscriptionStore;
}

/** Licences as their organisation reads them. */
export class LicensesService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async current(actor: Actor): Promise<z.output<typeof CurrentLicense>> {
    allow(actor, 'license.read');
    const { orgId } = actor;
    const held = await this.uses.book.of(orgId);
    if (!held) throw new NotFound('A licence of this organisation');
    const license = await this.present(held);
    const overLimit = await this.uses.limits.overLimits(orgId);
    const { limits, overage, state } = standingOf(held, this.hub.now());
    const seats = { used: await this.uses.seats.used(orgId), allowed: allowedOf(limits.users, overage, state) };
    return { ...license, overLimit, seats, banner: bannerOf(license, overLimit.length > 0) };
  }

  async events(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<LicenseEvent>> {
    allow(actor, 'license.read');
    const [before] = this.hub.cursors.decode('license-events', cursor) ?? [];
    const rows = await this.uses.history.list(actor.orgId, limit + 1, before === undefined ? null : String(before));
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('license-events', [id]),
      (row) => row,
    );
  }

  /** In the caller’s transaction, which holds the row: one term more. */
  async renewed(held: Locked, after: After, act: { done: string }): Promise<Locked> {
    const { row, plan, next } = held;
    const { expiresAt, renewalBasis: basis, anchorDay } = row;
    if (expiresAt === null) throw new Conflict('LICENSE_STATE', 'This licence does not end.');
    const now = this.hub.now();
    // The term that begins is one of the plan that takes over.
    const of = next?.plan ?? plan;
    const term = renewed({ expiresAt, basis, anchorDay }, now, of.term);
    const fields = {
      expiresAt: term.end,
      termStart: term.start,
      anchorDay: term.anchorDay,
      ...(row.type === 'trial' && { type: 'subscription' as const, graceDays: plan.graceDays }),
    };
    return this.uses.writer.change(held, fields, { ...act, data: { until: term.end.toISOString() } }, after);
  }

  /** As it is shown; a subscription rides along. */
  async present(held: Held): Promise<License> {
    const { orgId, id } = held.row;
    return presentLicense(held, await this.uses.subscriptions.find(orgId, id), this.hub.now());
  }
}

function bannerOf(license: License, isOver: boolean): z.output<typeof CurrentLicense>['banner'] {
  const { state } = license;
  if (state === 'expired' || state === 'suspended' || state === 'revoked' || state === 'grace') return state;
  if (isOver) return 'over_limit';
  return works({ state }) && license.isExpiring ? 'expiring' : null;
}
