import { createHash } from 'node:crypto';
import { takeCheckIn } from '@loro/contracts/attendance-jobs';
import { checkInsLive } from '@loro/contracts/check-ins';
import type { RecordCheckIn, ReviewReason, Recorded } from '@loro/contracts/check-ins-values';
import { UniqueConstraintError } from 'sequelize';
import {
  type Actor,
  type After,
  allow,
  canonicalJson,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  TooMany,
  ulidInOrder,
} from '../../platform';
import type { AttemptsStore } from './attempts.store';
import type { DutyService } from './duty.service';
import { explain } from './explain.policy';
import { isLive, type Judged, type JudgingService } from './judging.service';
import type { LocationKeys } from './location-keys';
import { type Mark, type MarkStore, toTold } from './mark.store';
import type { PairsStore } from './pairs.store';
import { sealPlace } from './places';
import type { PhotoNonces } from './photo-nonces';
import type { PrivacyService } from './privacy.service';
import { keepsPlace, laneOf } from './rules.policy';
import { cityCell } from './standing.service';
import type { Suggestions } from './suggestions';

export interface RecordingParts {
  readonly judging: JudgingService;
  readonly marks: MarkStore;
  readonly pairs: PairsStore;
  readonly keys: LocationKeys;
  readonly duty: DutyService;
  readonly privacy: PrivacyService;
  readonly attempts: AttemptsStore;
  readonly nonces: PhotoNonces;
  readonly suggestions: Suggestions;
}

type Say = (mark: Mark, after: After) => Promise<void>;

/** Keeps check-ins, each once, with everything that speaks for and against them. */
export class RecordingService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: RecordingParts,
  ) {}

  async record(actor: Actor, input: RecordCheckIn): Promise<Recorded> {
    const { mark, isTwin } = await this.take(actor, input, { isPaced: true });
    return toRecorded(mark, isTwin);
  }

  /**
   * The same for rooms and calls that say less.
   * @param say what else is to be told in the transaction
   */
  async take(
    actor: Actor,
    input: RecordCheckIn,
    { isPaced, say }: { isPaced: boolean; say?: Say },
  ): Promise<{ mark: Mark; isTwin: boolean }> {
    const { orgId, userId } = actor;
    allow(actor, 'check-ins.create', { userId });
    await this.parts.privacy.mustHaveRead(orgId, userId);
    const fingerprint = createHash('sha256').update(canonicalJson(input)).digest('hex');
    // Who is not paced made the id just now.
    const twin = isPaced ? await this.twin(actor, input.clientId, fingerprint) : null;
    if (twin) return { mark: twin, isTwin: true };
    if (input.pairId !== undefined && (await this.parts.pairs.find(orgId, input.pairId))?.userId !== userId)
      throw new NotFound('What this would end');
    const judged = await this.parts.judging.judge(actor, input).catch((error: unknown) => this.refused(actor, error));
    if (isLive(input)) await this.mustFollow(actor, input, judged, isPaced);
    const draft = await this.draft(actor, input, judged, fingerprint);
    try {
      const mark = await this.hub.transact((after) => this.keep(actor, input, draft, after, say));
      return { mark, isTwin: false };
    } catch (error) {
      // Two of one command at once: the other one was kept.
      const kept = isTaken(error) ? await this.twin(actor, input.clientId, fingerprint) : null;
      if (kept) return { mark: kept, isTwin: true };
      throw error;
    }
  }

  private async twin({ orgId, userId }: Actor, clientId: string, fingerprint: string): Promise<Mark | null> {
    const found = await this.parts.marks.byClient(orgId, userId, clientId);
    if (found && found.fingerprint !== fingerprint)
      throw new Conflict('IDEMPOTENCY_MISMATCH', 'This clientId was used for another check-in.');
    return found;
  }

  /** Whoever tries from elsewhere again and again is told of. */
  private async refused(actor: Actor, error: unknown): Promise<never> {
    if (error instanceof HubError && error.code === 'OUTSIDE_GEOFENCE') await this.parts.attempts.note(actor);
    throw error;
  }

  /** What happens now can be done again, so it is refused where it does not fit. */
  private async mustFollow(
    actor: Actor,
    input: RecordCheckIn,
    { standing: { rule } }: Judged,
    isPaced: boolean,
  ): Promise<void> {
    const { orgId, userId } = actor;
    const open = await this.parts.pairs.openOf(orgId, userId, input.type);
    if (input.kind === 'in' && open) throw alreadyIn();
    if (input.kind === 'out' && input.pairId === undefined && !open) throw notIn();
    if (!isPaced || rule.minSecondsBetween === 0) return;
    const [last] = await this.hub.select<{ at: Date }>(
      `SELECT received_at AS at FROM check_in_marks WHERE org_id = :orgId AND user_id = :userId AND kind = :kind AND type = :type
         AND network = 'online' AND occurred_at > :since ORDER BY occurred_at DESC LIMIT 1`,
      {
        orgId,
        userId,
        kind: input.kind,
        type: input.type,
        since: new Date(this.hub.now().getTime() - rule.minSecondsBetween * 1_000),
      },
    );
    if (last) throw new TooMany(last.at.getTime() + rule.minSecondsBetween * 1_000 - this.hub.now().getTime());
  }

  private async draft(actor: Actor, input: RecordCheckIn, judged: Judged, fingerprint: string): Promise<Mark> {
    const { orgId, userId } = actor;
    const { moment, at, tz, localDate, standing, decision, signals, score, verdict } = judged;
    const now = this.hub.now();
    const id = ulidInOrder(now.getTime());
    const { position, target } = input;
    const isExact = position !== undefined && keepsPlace(input.type);
    const place = isExact ? await sealPlace(this.parts.keys, { orgId, userId, id, at }, position) : null;
    const photo = await this.parts.nonces.wanted(actor, input, standing.rule);
    const doubts: ReviewReason[] = photo === 'none' ? [] : ['photo_missing'];
    const reasons = [...new Set([...verdict.reasons, ...doubts])];
    const status = verdict.status === 'accepted' && doubts.length > 0 ? 'flagged' : verdict.status;
    return {
      orgId,
      id,
      clientId: input.clientId,
      userId,
      branchId: standing.branchId,
      type: input.type,
      kind: input.kind,
      pairId: null,
      targetType: target?.type ?? null,
      targetId: target?.id ?? null,
      category: input.category ?? null,
      suggestedCategory: await this.parts.suggestions.of(actor, input, standing.branchId),
      note: input.note ?? null,
      outcome: input.outcome ?? null,
      occurredAt: at,
      tz,
      localDate,
      timeSource: moment.source,
      claimedAt: moment.claimMs === null ? null : new Date(moment.claimMs),
      skewMs: moment.skewMs === null ? null : Math.round(moment.skewMs),
      uncertaintyMs: moment.uncertaintyMs,
      receivedAt: now,
      place,
      placeState: place ? 'exact' : 'none',
      h3r7: position ? cityCell(position) : null,
      h3r9: null,
      accuracyM: isExact ? position.accuracy : null,
      fixAgeMs: position?.ageMs ?? null,
      fenceId: standing.fence?.id ?? null,
      signedDistanceM: standing.fence?.signedDistanceM ?? null,
      insideP: standing.fence?.insideP ?? null,
      decision,
      spoofScore: score,
      signals,
      reasons,
      status,
      pays: standing.rule.payWhileFlagged,
      ruleAfter: standing.rule.afterSevenDays,
      reviewReason: null,
      reviewerId: null,
      reviewedAt: null,
      supersededBy: null,
      photo,
      deviceId: input.deviceId ?? null,
      network: isLive(input) ? 'online' : 'offline',
      appVersion: input.appVersion ?? null,
      batteryPct: input.batteryPct ?? null,
      fingerprint,
    };
  }

  private async keep(actor: Actor, input: RecordCheckIn, draft: Mark, after: After, say?: Say): Promise<Mark> {
    const paired = draft.status === 'rejected' ? { pairId: null, doubt: null } : await this.pair(input, draft);
    const mark: Mark = {
      ...draft,
      pairId: paired.pairId,
      ...(paired.doubt && { status: 'flagged', reasons: [...draft.reasons, paired.doubt] }),
    };
    await this.parts.marks.insert(mark);
    if (input.photoNonce !== undefined) await this.parts.nonces.bind(actor, input.photoNonce, mark.id);
    await this.parts.duty.follow(mark, after);
    this.tell(mark, after);
    await say?.(mark, after);
    return mark;
  }

  /** Everybody who has to know; attendance reads it as it is then. */
  tell(mark: Mark, after: After): void {
    const { orgId, id, branchId, userId, status, reasons, spoofScore: score } = mark;
    const told = toTold(mark);
    after.publish(checkInsLive, 'check-in:recorded', { orgId, id: branchId }, told);
    after.publish(checkInsLive, 'check-in:noted', { orgId, id: userId }, told);
    if (status === 'flagged')
      after.publish(
        checkInsLive,
        'check-in:flagged',
        { orgId, id: branchId },
        { id, userId, branchId, reasons: [...reasons], score },
      );
    after.record({
      type: 'user_action',
      action: 'check-in.recorded',
      entity: { type: 'check-in', id },
      branchId,
      data: { kind: mark.kind, kindOf: mark.type, status, network: mark.network, timeSource: mark.timeSource },
    });
    this.handOn(mark, after);
  }

  handOn({ orgId, id }: Mark, after: After): void {
    if (this.hub.modules.some(({ name }) => name === 'attendance'))
      after.enqueue(takeCheckIn, { orgId, checkInId: id });
  }

  /** Opens, closes or stamps the stay. What came too late to be refused keeps its doubt instead. */
  private async pair(
    input: RecordCheckIn,
    draft: Mark,
  ): Promise<{ pairId: string | null; doubt: ReviewReason | null }> {
    const { pairs } = this.parts;
    const { orgId, userId, kind, id, occurredAt } = draft;
    if (kind === 'visit') {
      await pairs.stamp(draft);
      return { pairId: id, doubt: null };
    }
    if (kind === 'in') {
      if (await pairs.open(draft)) return { pairId: id, doubt: null };
      if (isLive(input)) throw alreadyIn();
      return { pairId: null, doubt: 'double_in' };
    }
    const found =
      input.pairId === undefined
        ? await pairs.openOf(orgId, userId, draft.type, 'FOR UPDATE')
        : await pairs.lock(orgId, input.pairId);
    const fits = found?.userId === userId && found.endedAt === null && laneOf(found.type) === laneOf(draft.type);
    if (!found || !fits) {
      if (isLive(input)) throw notIn();
      return { pairId: null, doubt: 'no_in' };
    }
    if (occurredAt < found.startedAt) return { pairId: null, doubt: 'out_before_in' };
    await pairs.close(orgId, found.id, draft);
    return { pairId: found.id, doubt: null };
  }
}

const alreadyIn = () => new Conflict('ALREADY_CHECKED_IN', 'You are already checked in.');
const notIn = () => new Conflict('NOT_CHECKED_IN', 'You are not checked in.');
const isTaken = (error: unknown): boolean =>
  error instanceof UniqueConstraintError || (error instanceof Conflict && error.code === 'ALREADY_CHECKED_IN');

const toRecorded = (mark: Mark, duplicate: boolean): Recorded => ({
  id: mark.id,
  clientId: mark.clientId,
  status: mark.status,
  decision: mark.decision,
  insideP: mark.insideP,
  distanceM: mark.signedDistanceM === null ? null : Math.max(0, -mark.signedDistanceM),
  occurredAt: mark.occurredAt.toISOString(),
  timeSource: mark.timeSource,
  branchId: mark.branchId,
  pairId: mark.pairId,
  reasons: [...mark.reasons],
  explanation: explain(mark),
  photoWanted: mark.photo === 'wanted',
  duplicate,
});
