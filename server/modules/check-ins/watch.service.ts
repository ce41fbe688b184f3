import { checkInsLive } from '@loro/contracts/check-ins';
import { type Hub, ulidInOrder } from '../../platform';
import { branches } from '../branches';
import type { DutyService } from './duty.service';
import { type Mark, type MarkStore, toTold } from './mark.store';
import type { PairsStore } from './pairs.store';
import type { RecordingService } from './recording.service';
import type { RulesService } from './rules.service';
import { CLOSE_MS, REMIND_MS, visitDue } from './visits.policy';

interface Parts {
  readonly marks: MarkStore;
  readonly pairs: PairsStore;
  readonly duty: DutyService;
  readonly recording: RecordingService;
  readonly rules: RulesService;
}

interface OpenVisit {
  readonly orgId: string;
  readonly id: string;
  readonly startedAt: Date;
  readonly remindedAt: Date | null;
}

const AT_ONCE = 200;

/** Ends what nobody ended: visits after six hours, work when its fence is left. */
export class WatchService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  async watchVisits(): Promise<void> {
    const now = this.hub.now().getTime();
    const open = await this.hub.select<OpenVisit>(
      `SELECT org_id AS orgId, id, started_at AS startedAt, reminded_at AS remindedAt FROM check_ins
        WHERE lane = 'visit' AND ended_at IS NULL AND (started_at < :closing OR (started_at < :reminding AND reminded_at IS NULL))
        ORDER BY started_at LIMIT ${AT_ONCE}`,
      { closing: new Date(now - CLOSE_MS), reminding: new Date(now - REMIND_MS) },
    );
    for (const { orgId, id, startedAt, remindedAt } of open) {
      const due = visitDue(now - startedAt.getTime(), remindedAt !== null);
      if (due === 'remind') await this.remind(orgId, id);
      if (due === 'close') await this.close(orgId, id, new Date(startedAt.getTime() + CLOSE_MS), 'auto_closed');
    }
  }

  /**
   * Somebody left a fence: where a rule says so, that ends the day’s work there. For the room that follows tracks.
   * @returns whether it did
   */
  async leftFence(orgId: string, userId: string, fenceId: string, at: Date): Promise<boolean> {
    const pair = await this.parts.pairs.openOf(orgId, userId, 'office');
    if (!pair || pair.startedAt > at) return false;
    const mark = await this.parts.marks.find(orgId, pair.id);
    if (mark?.fenceId !== fenceId) return false;
    const rule = await this.parts.rules.settingsFor(orgId, mark.branchId, mark.type, []);
    return rule.autoCheckOut && (await this.close(orgId, pair.id, at, null));
  }

  private async remind(orgId: string, id: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const pair = await this.parts.pairs.lock(orgId, id);
      const mark = await this.parts.marks.find(orgId, id);
      if (!pair || pair.endedAt || !mark) return;
      await this.hub.sequelize.query('UPDATE check_ins SET reminded_at = :now WHERE org_id = :orgId AND id = :id', {
        replacements: { orgId, id, now: this.hub.now() },
      });
      after.publish(checkInsLive, 'check-in:reminded', { orgId, id: mark.userId }, toTold(mark));
    });
  }

  /** An end that nobody said; the moment is known to the hub, so it is the hub’s. */
  private async close(orgId: string, id: string, at: Date, doubt: 'auto_closed' | null): Promise<boolean> {
    return this.hub.transact(async (after) => {
      const pair = await this.parts.pairs.lock(orgId, id);
      const begun = await this.parts.marks.find(orgId, id);
      if (!pair || pair.endedAt || !begun) return false;
      const calendar = await this.hub.use(branches).calendarOf(orgId, begun.branchId);
      const markId = ulidInOrder(this.hub.now().getTime());
      const mark: Mark = {
        ...begun,
        id: markId,
        clientId: markId,
        kind: 'out',
        pairId: id,
        note: null,
        outcome: null,
        occurredAt: at,
        localDate: calendar.dateOf(at),
        timeSource: 'server',
        claimedAt: null,
        skewMs: null,
        uncertaintyMs: 0,
        receivedAt: this.hub.now(),
        place: null,
        placeState: 'none',
        h3r7: null,
        h3r9: null,
        accuracyM: null,
        fixAgeMs: null,
        signedDistanceM: null,
        insideP: null,
        decision: 'not-required',
        spoofScore: 0,
        signals: [],
        reasons: doubt === null ? [] : [doubt],
        status: doubt === null ? 'accepted' : 'flagged',
        reviewReason: null,
        reviewerId: null,
        reviewedAt: null,
        supersededBy: null,
        photo: 'none',
        deviceId: null,
        network: 'online',
        batteryPct: null,
        fingerprint: '0'.repeat(64),
      };
      await this.parts.pairs.close(orgId, id, mark);
      await this.parts.marks.insert(mark);
      await this.parts.duty.follow(mark, after);
      this.parts.recording.tell(mark, after);
      return true;
    });
  }
}
