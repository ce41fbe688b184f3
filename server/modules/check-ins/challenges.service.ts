import { checkInsLive } from '@loro/contracts/check-ins';
import type { Challenge } from '@loro/contracts/check-ins-live';
import type { Reading } from '@loro/contracts/check-ins-values';
import { type Actor, allow, Conflict, type Hub, HubError, NotFound, onDuplicate, ulid } from '../../platform';
import { CHALLENGE_MS } from './duty.policy';
import type { DutyRow, DutyStore } from './duty.store';
import { FRESH_MS } from './intake.policy';
import { sealPlace } from './places';
import type { LocationKeys } from './location-keys';
import type { MarkStore } from './mark.store';
import type { ReviewService } from './review.service';
import type { RulesService } from './rules.service';

interface ChallengeRow {
  readonly id: string;
  readonly userId: string;
  readonly branchId: string;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly answeredAt: Date | null;
  readonly state: Challenge['state'];
}

interface Parts {
  readonly duty: DutyStore;
  readonly rules: RulesService;
  readonly keys: LocationKeys;
  readonly marks: MarkStore;
  readonly review: ReviewService;
}

const COLUMNS = `id, user_id AS userId, branch_id AS branchId, asked_at AS askedAt, expires_at AS expiresAt, answered_at AS answeredAt, state`;
const AT_ONCE = 200;
/** A shift is taken for so long, so that n questions fall evenly into it. */
const SHIFT_MS = 8 * 3_600_000;

const toContract = ({ branchId: _branch, askedAt, expiresAt, answeredAt, ...row }: ChallengeRow): Challenge => ({
  ...row,
  askedAt: askedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  answeredAt: answeredAt?.toISOString() ?? null,
});

/** “Where are you?”, asked of people on duty, by a manager or by chance. */
export class ChallengesService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  async ask(actor: Actor, userId: string): Promise<Challenge> {
    const { orgId } = actor;
    const duty = await this.parts.duty.find(orgId, userId);
    if (!duty) throw new NotFound('This person on duty');
    allow(actor, 'duty.challenge', { userId, branchId: duty.branchId, what: 'This person on duty' });
    if (duty.state !== 'on') throw new Conflict('CHALLENGE_OVER', 'Only somebody on duty can be asked.');
    return this.put(duty, actor.userId);
  }

  async answer(actor: Actor, id: string, position: Reading): Promise<Challenge> {
    const { orgId, userId } = actor;
    allow(actor, 'duty.set', { userId });
    if ((position.ageMs ?? 0) > FRESH_MS)
      throw new HubError('LOCATION_STALE', 'The reading is older than two minutes.');
    const now = this.hub.now();
    // Sealed and thrown away again with the month; that it was answered is what counts.
    const place = await sealPlace(this.parts.keys, { orgId, userId, id, at: now }, position);
    return this.hub.transact(async (after) => {
      const row = await this.find(orgId, id, 'FOR UPDATE');
      if (row.userId !== userId) throw new NotFound('This question');
      if (row.state !== 'open' || row.expiresAt <= now)
        throw new Conflict('CHALLENGE_OVER', 'The time to answer is over.');
      await this.hub.sequelize.query(
        `UPDATE duty_challenges SET state = 'answered', open_mark = NULL, answered_at = :now, place = :place
          WHERE org_id = :orgId AND id = :id`,
        { replacements: { orgId, id, now, place } },
      );
      const told = toContract({ ...row, state: 'answered', answeredAt: now });
      after.publish(checkInsLive, 'challenge:answered', { orgId, id: row.branchId }, told);
      return told;
    });
  }

  /** Asks by chance, and notes who did not answer. */
  async sweep(): Promise<void> {
    const now = this.hub.now();
    const missed = await this.hub.select<ChallengeRow & { orgId: string }>(
      `SELECT org_id AS orgId, ${COLUMNS} FROM duty_challenges WHERE state = 'open' AND expires_at <= :now LIMIT ${AT_ONCE}`,
      { now },
    );
    for (const row of missed) await this.miss(row);
    for (const duty of await this.askable(now)) await this.askByChance(duty, now);
  }

  private async put(duty: DutyRow, askedBy: string | null): Promise<Challenge> {
    const { orgId, userId, branchId } = duty;
    const now = this.hub.now();
    return this.hub.transact(async (after) => {
      const row: ChallengeRow = {
        id: ulid(now.getTime()),
        userId,
        branchId,
        askedAt: now,
        expiresAt: new Date(now.getTime() + CHALLENGE_MS),
        answeredAt: null,
        state: 'open',
      };
      await this.hub.sequelize
        .query(
          `INSERT INTO duty_challenges (org_id, id, user_id, branch_id, asked_by, asked_at, expires_at, state, open_mark)
           VALUES (:orgId, :id, :userId, :branchId, :askedBy, :askedAt, :expiresAt, 'open', 1)`,
          { replacements: { orgId, ...row, askedBy } },
        )
        .catch(
          onDuplicate((cause) => new Conflict('CHALLENGE_OVER', 'This person is being asked already.', { cause })),
        );
      const told = toContract(row);
      after.publish(checkInsLive, 'challenge:asked', { orgId, id: userId }, told);
      return told;
    });
  }

  /** The newest check-in bears it: a manager looks at that one. */
  private async miss({ orgId, ...row }: ChallengeRow & { orgId: string }): Promise<void> {
    await this.hub.transact(async (after) => {
      const fresh = await this.find(orgId, row.id, 'FOR UPDATE');
      if (fresh.state !== 'open') return;
      await this.hub.sequelize.query(
        "UPDATE duty_challenges SET state = 'missed', open_mark = NULL WHERE org_id = :orgId AND id = :id",
        { replacements: { orgId, id: row.id } },
      );
      after.publish(
        checkInsLive,
        'challenge:missed',
        { orgId, id: row.branchId },
        toContract({ ...fresh, state: 'missed' }),
      );
      const [mark] = await this.parts.marks.all(
        "m.org_id = :orgId AND m.user_id = :userId AND m.kind = 'in' AND m.status IN ('accepted', 'flagged')",
        { orgId, userId: row.userId },
        'ORDER BY m.occurred_at DESC LIMIT 1 FOR UPDATE',
      );
      if (!mark || mark.reasons.includes('challenge_missed')) return;
      await this.parts.review.settle(
        mark,
        { ...mark, reasons: [...mark.reasons, 'challenge_missed'] },
        'reviewed',
        after,
      );
    });
  }

  private async askable(now: Date): Promise<DutyRow[]> {
    return this.hub.select<DutyRow>(
      `SELECT d.org_id AS orgId, d.user_id AS userId, d.branch_id AS branchId, d.state, d.since, d.unreachable_since AS unreachableSince
         FROM duty_states d WHERE d.state = 'on' AND EXISTS (SELECT 1 FROM check_in_rules r
           WHERE r.org_id = d.org_id AND r.settings LIKE '%challengesPerShift%')
         AND NOT EXISTS (SELECT 1 FROM duty_challenges c WHERE c.org_id = d.org_id AND c.user_id = d.user_id AND c.asked_at > :since)
       LIMIT ${AT_ONCE}`,
      { since: new Date(now.getTime() - 2 * CHALLENGE_MS) },
    );
  }

  /** n times in a shift, at moments that nobody can foresee. */
  private async askByChance(duty: DutyRow, now: Date): Promise<void> {
    const { orgId, userId, branchId, since } = duty;
    const [mark] = await this.parts.marks.all(
      "m.org_id = :orgId AND m.user_id = :userId AND m.kind = 'in'",
      { orgId, userId },
      'ORDER BY m.occurred_at DESC LIMIT 1',
    );
    if (!mark) return;
    const { challengesPerShift: wanted } = await this.parts.rules.settingsFor(orgId, branchId, mark.type, []);
    const [{ asked } = { asked: 0 }] = await this.hub.select<{ asked: number }>(
      'SELECT COUNT(*) AS asked FROM duty_challenges WHERE org_id = :orgId AND user_id = :userId AND asked_at >= :since AND asked_by IS NULL',
      { orgId, userId, since },
    );
    if (asked >= wanted) return;
    const part = (now.getTime() - since.getTime()) / SHIFT_MS;
    const due = dueMoment(mark.id, asked, wanted);
    if (part < due) return;
    await this.put(duty, null).catch((error: unknown) => {
      if (!(error instanceof Conflict)) throw error;
    });
  }

  private async find(orgId: string, id: string, rest = ''): Promise<ChallengeRow> {
    const [row] = await this.hub.select<ChallengeRow>(
      `SELECT ${COLUMNS} FROM duty_challenges WHERE org_id = :orgId AND id = :id ${rest}`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This question');
    return row;
  }
}

/** The part of a shift at which the question is due: one in each of n equal pieces, where in it the id’s randomness says. */
export function dueMoment(markId: string, index: number, count: number): number {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const random = letters.indexOf(markId.charAt(25 - index)) / letters.length;
  return (index + random) / count;
}
