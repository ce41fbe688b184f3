import { checkInsLive } from '@loro/contracts/check-ins';
import type { CheckInRecord, CheckInState } from '@loro/contracts/check-ins-values';
import { type Actor, type After, allow, Conflict, Forbidden, type Hub, NotFound } from '../../platform';
import type { DutyService } from './duty.service';
import { type Mark, type MarkStore, toTold } from './mark.store';
import type { PairsStore } from './pairs.store';
import type { RecordingService } from './recording.service';
import type { RecordsService } from './records.service';
import { REVIEW_MS, stepFrom } from './states.policy';

interface Parts {
  readonly marks: MarkStore;
  readonly pairs: PairsStore;
  readonly duty: DutyService;
  readonly records: RecordsService;
  readonly recording: RecordingService;
}

const AT_ONCE = 200;

/** What people and rules decide about doubtful check-ins. */
export class ReviewService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  async review(
    actor: Actor,
    id: string,
    { decision, reason }: { decision: 'accepted' | 'rejected'; reason: string },
  ): Promise<CheckInRecord> {
    return this.hub.transact(async (after) => {
      const before = await this.parts.marks.lock(actor.orgId, id);
      allow(actor, 'check-ins.review', { userId: before.userId, branchId: before.branchId, what: 'This check-in' });
      mustBeAnother(actor, before);
      const to = stepFrom(before.status, decision === 'accepted' ? 'review-accept' : 'review-reject');
      // What a rule rejected a person may accept; what a person decided is decided.
      if (to === null || before.reviewerId !== null) throw notFrom(before.status);
      const mark: Mark = {
        ...before,
        status: to,
        reviewReason: reason,
        reviewerId: actor.userId,
        reviewedAt: this.hub.now(),
      };
      await this.settle(before, mark, 'reviewed', after);
      return this.parts.records.present(mark);
    });
  }

  async void(
    actor: Actor,
    id: string,
    { reason, supersededBy }: { reason: string; supersededBy?: string | undefined },
  ): Promise<CheckInRecord> {
    return this.hub.transact(async (after) => {
      const before = await this.parts.marks.lock(actor.orgId, id);
      allow(actor, 'check-ins.void', { userId: before.userId, branchId: before.branchId, what: 'This check-in' });
      if (supersededBy !== undefined) {
        const other = await this.parts.marks.find(actor.orgId, supersededBy);
        if (other?.userId !== before.userId || other.id === id) throw new NotFound('What stands in its place');
      }
      mustBeAnother(actor, before);
      const to = stepFrom(before.status, supersededBy === undefined ? 'void' : 'supersede');
      if (to === null) throw notFrom(before.status);
      const mark: Mark = {
        ...before,
        status: to,
        supersededBy: supersededBy ?? null,
        reviewReason: reason,
        reviewerId: actor.userId,
        reviewedAt: this.hub.now(),
      };
      await this.settle(before, mark, 'voided', after);
      return this.parts.records.present(mark);
    });
  }

  /** What nobody looked at for seven days is decided by the rule of its day. */
  async sweep(): Promise<void> {
    const before = new Date(this.hub.now().getTime() - REVIEW_MS);
    for (;;) {
      const due = await this.hub.select<{ orgId: string; id: string }>(
        `SELECT org_id AS orgId, id FROM check_in_marks WHERE status = 'flagged' AND received_at <= :before LIMIT ${AT_ONCE}`,
        { before },
      );
      for (const { orgId, id } of due) await this.decideByRule(orgId, id);
      if (due.length < AT_ONCE) return;
    }
  }

  /** Photo, rule or person changed it: everybody who counted it is told. */
  async settle(before: Mark, mark: Mark, as: 'reviewed' | 'voided', after: After): Promise<void> {
    const { orgId, id, userId, branchId, status, reviewReason, reviewerId, reviewedAt, supersededBy, reasons } = mark;
    await this.parts.marks.update(orgId, id, {
      status,
      reasons,
      reviewReason,
      reviewerId,
      reviewedAt,
      supersededBy,
      spoofScore: mark.spoofScore,
      signals: mark.signals,
    });
    await this.follow(before, mark, after);
    const told = { id, userId, branchId, status, reason: reviewReason };
    after.publish(
      checkInsLive,
      as === 'voided' ? 'check-in:voided' : 'check-in:reviewed',
      { orgId, id: branchId },
      told,
    );
    after.publish(checkInsLive, 'check-in:noted', { orgId, id: userId }, toTold(mark));
    after.record({
      action: `check-in.${as}`,
      entity: { type: 'check-in', id },
      branchId,
      before: { status: before.status },
      after: { status },
      data: { reason: reviewReason },
    });
    this.parts.recording.handOn(mark, after);
  }

  /** The stay and the duty that came of it. */
  private async follow(before: Mark, mark: Mark, after: After): Promise<void> {
    const { pairs, duty, marks } = this.parts;
    const { orgId, id, kind, status } = mark;
    const counted = stands(before.status);
    if (counted && !stands(status)) {
      // Without its end somebody would be on duty for ever, so only a beginning is taken back.
      if (kind !== 'out') await duty.withdraw(mark, after);
      // Nobody is in by a check-in that does not count.
      const pair = kind === 'in' && mark.pairId === id ? await pairs.lock(orgId, id) : null;
      if (pair?.endedAt === null) await pairs.close(orgId, id, { id, occurredAt: pair.startedAt, place: null });
    }
    if (kind !== 'out') await pairs.setStatus(orgId, id, status);
    if (counted || !stands(status) || mark.pairId !== null) return;
    // Rejected ones opened nothing; what is accepted now is a stay that has no end, unless one is open.
    if (kind === 'visit') await pairs.stamp(mark);
    else if (kind === 'in' && !(await pairs.open(mark))) return;
    if (kind !== 'out') await marks.update(orgId, id, { pairId: id });
    await duty.follow({ ...mark, pairId: id }, after);
  }

  private async decideByRule(orgId: string, id: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const before = await this.parts.marks.lock(orgId, id);
      if (before.status !== 'flagged') return;
      const to = stepFrom('flagged', before.ruleAfter === 'accept' ? 'review-accept' : 'review-reject');
      if (to === null) return;
      const mark: Mark = {
        ...before,
        status: to,
        reviewReason: 'Nobody decided for seven days.',
        reviewedAt: this.hub.now(),
      };
      await this.settle(before, mark, 'reviewed', after);
    });
  }
}

const stands = (status: CheckInState): boolean => status === 'accepted' || status === 'flagged';

function mustBeAnother({ userId }: Actor, mark: Mark): void {
  if (mark.userId === userId) throw new Forbidden('SELF_REVIEW', 'Somebody else has to look at your own check-ins.');
}

const notFrom = (status: CheckInState) => new Conflict('CHECK_IN_STATE', `This check-in is ${status}.`);
