import { licensingLive } from '@loro/contracts/licensing-live';
import { type After, type Hub } from '../../platform';
import type { ClockStore } from './clock.store';
import type { HistoryStore } from './history.store';
import type { LicenseBook, Locked } from './license-book';
import type { LicenseWriter } from './license-writer.service';
import { downgradeWarnings, graceMarks, type Mark, noticesOf, works } from './licensing.policy';
import type { LimitsService } from './limits.service';
import type { Owners } from './owners';
import { given, standingOf } from './terms.policy';

const AT_ONCE = 200;
const ROUNDS = 50;

interface Uses {
  readonly book: LicenseBook;
  readonly writer: LicenseWriter;
  readonly history: HistoryStore;
  readonly clock: ClockStore;
  readonly limits: LimitsService;
  readonly owners: Owners;
}

interface Reminder {
  readonly kind: 'expiry' | 'grace' | 'downgrade';
  readonly days: number | null;
  readonly at: Date;
  readonly subject: string;
  readonly text: string;
}

/**
 * Tells what changes by itself. What a licence is, is computed by whoever asks: a tick that is late tells late, and
 * neither gives nor takes anything.
 */
export class StatesService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async tick(): Promise<void> {
    await this.uses.clock.tick(await this.uses.history.newest());
    for (let round = 0; round < ROUNDS; round += 1) {
      const due = await this.due();
      for (const { orgId, id } of due) await this.look(orgId, id);
      if (due.length < AT_ONCE) return;
    }
  }

  private due(): Promise<{ orgId: string; id: string }[]> {
    const now = this.hub.now();
    // What stands on a file changes with the clock, at no instant that could be known before.
    return this.hub.select(
      `SELECT org_id AS orgId, id FROM licenses WHERE current_for IS NOT NULL
         AND (look_at <= :now OR (file_issued_at IS NOT NULL AND told_state IN ('trial', 'active', 'grace')))
       ORDER BY look_at LIMIT ${AT_ONCE}`,
      { now },
    );
  }

  private async look(orgId: string, id: string): Promise<void> {
    try {
      await this.hub.transact(async (after) => {
        const held = await this.uses.book.lock(orgId, id);
        if (held.row.endedAt) return;
        const seen = await this.takeOver(held, after);
        await this.remind(seen, after);
        await this.uses.writer.look(seen, after);
      });
    } catch (error) {
      // One that fails must not keep the others waiting.
      this.hub.log.warn({ err: error, orgId }, 'a licence could not be looked at, will repeat');
    }
  }

  /** The smaller plan is in force by now; its row says so from here on. */
  private async takeOver(held: Locked, after: After): Promise<Locked> {
    const { next } = held;
    if (!next || next.at > this.hub.now()) return held;
    const fields = { planVersionId: next.plan.id, nextPlanVersionId: null, nextPlanAt: null };
    return this.uses.writer.change(held, fields, { done: 'plan-taken-over', data: { plan: next.plan.code } }, after);
  }

  private async remind(held: Locked, after: After): Promise<void> {
    for (const reminder of [await this.expiry(held), await this.grace(held), await this.downgrade(held)]) {
      if (!reminder) continue;
      const { orgId } = held.row;
      const { kind, days, at, subject, text } = reminder;
      after.publish(licensingLive, 'license:reminder', { orgId, id: orgId }, { kind, days, at: at.toISOString() });
      await this.uses.owners.write(orgId, after, { subject, text });
    }
  }

  /** What is due and was not told; of several that were missed, people hear of the newest. */
  private async fresh<M extends Mark>(held: Locked, type: string, marks: readonly M[]): Promise<M | undefined> {
    const now = this.hub.now();
    let newest: M | undefined;
    for (const mark of marks) {
      if (mark.at > now) continue;
      const { orgId, id: licenseId } = held.row;
      const isNew = await this.uses.history.add({ orgId, licenseId, type, once: mark.key, data: { due: mark.at } });
      if (isNew && (!newest || mark.at >= newest.at)) newest = mark;
    }
    return newest;
  }

  private async expiry(held: Locked): Promise<Reminder | null> {
    const { row } = held;
    const { state } = standingOf(held, this.hub.now());
    // What renews itself is nobody's trouble until it does not.
    if (row.expiresAt === null || row.renewalAuto || row.suspendedAt || row.revokedAt) return null;
    const notice = await this.fresh(held, 'notice', noticesOf(row.termStart, row.expiresAt));
    if (!notice || (!works({ state }) && notice.days > 0)) return null;
    const day = row.expiresAt.toISOString().slice(0, 10);
    return {
      kind: 'expiry',
      days: notice.days,
      at: row.expiresAt,
      subject: notice.days === 0 ? 'the licence has ended' : `the licence ends in ${notice.days} days`,
      text: `Your Loro Hub licence ends on ${day} (UTC).\n\nChoose a plan or renew it under Licence.`,
    };
  }

  private async grace(held: Locked): Promise<Reminder | null> {
    const { row } = held;
    if (row.expiresAt === null || row.suspendedAt || row.revokedAt) return null;
    const mark = await this.fresh(held, 'grace', graceMarks(row.expiresAt, row.graceDays));
    if (!mark) return null;
    const end = new Date(row.expiresAt.getTime() + row.graceDays * 86_400_000);
    const day = end.toISOString().slice(0, 10);
    const days = Math.max(0, Math.round((end.getTime() - mark.at.getTime()) / 86_400_000));
    return {
      kind: 'grace',
      days,
      at: end,
      subject: mark.part === 'end' ? 'only billing and export are open' : `everything stops in ${days} days`,
      text:
        mark.part === 'end'
          ? 'The grace of your Loro Hub licence is over. Nothing was deleted: for thirty days you can export, and at any time renew under Licence.'
          : `Your Loro Hub licence has run out. Everything goes on working until ${day} (UTC); then only billing and export are open.`,
    };
  }

  private async downgrade(held: Locked): Promise<Reminder | null> {
    const { next, row } = held;
    if (!next) return null;
    const now = this.hub.now();
    const { limits } = given(next.plan, [], now);
    const over = await this.uses.limits.over(row.orgId, { limits, overage: row.overage, state: 'active' });
    if (over.length === 0) return null;
    const warning = await this.fresh(held, 'downgrade-warning', downgradeWarnings(next.at));
    if (!warning) return null;
    const what = over.map(({ limit, allowed, used }) => `${limit}: ${used}, allowed ${allowed}`).join('; ');
    return {
      kind: 'downgrade',
      days: warning.days,
      at: next.at,
      subject: `too much for the plan ${next.plan.name} in ${warning.days} days`,
      text: `From ${next.at.toISOString().slice(0, 10)} (UTC) your plan is ${next.plan.name}. You have more than it allows: ${what}.\n\nNothing will be deleted, but nothing can be added there.`,
    };
  }
}
