import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { PhotoNonce } from '@loro/contracts/check-ins-records';
import type { RuleSettings } from '@loro/contracts/check-ins-setup';
import type { RecordCheckIn } from '@loro/contracts/check-ins-values';
import type { z } from 'zod';
import { type Actor, allow, type Hub, HubError } from '../../platform';
import { isLive } from './judging.service';
import { gestures } from './photo.policy';

const LIFE_MS = 5 * 60_000;

/** Numbers that prove that a photo was taken now, and a gesture that no old photo shows. */
export class PhotoNonces {
  constructor(private readonly hub: Hub) {}

  async give(actor: Actor): Promise<z.output<typeof PhotoNonce>> {
    const { orgId, userId } = actor;
    allow(actor, 'check-ins.create', { userId });
    const nonce = randomBytes(24).toString('base64url');
    const expiresAt = new Date(this.hub.now().getTime() + LIFE_MS);
    const gesture = gestures[randomInt(gestures.length)] ?? null;
    await this.hub.sequelize.query(
      'INSERT INTO photo_nonces (org_id, user_id, nonce, gesture, expires_at) VALUES (:orgId, :userId, :nonce, :gesture, :expiresAt)',
      { replacements: { orgId, userId, nonce, gesture, expiresAt } },
    );
    return { nonce, expiresAt: expiresAt.toISOString(), gesture };
  }

  /** Whether a rule, or the person, wants a photo. @throws HubError PHOTO_REQUIRED, PHOTO_NONCE */
  async wanted(actor: Actor, input: RecordCheckIn, rule: RuleSettings): Promise<'none' | 'wanted'> {
    const isAsked = rule.photo === 'always' || (rule.photo === 'random' && isDrawn(input.clientId, rule.photoPerMille));
    if (input.photoNonce === undefined) {
      if (isAsked && isLive(input)) throw new HubError('PHOTO_REQUIRED', 'Please take a photo.');
      return isAsked ? 'wanted' : 'none';
    }
    const [row] = await this.hub.select<{ expiresAt: Date; usedAt: Date | null; checkInId: string | null }>(
      `SELECT expires_at AS expiresAt, used_at AS usedAt, check_in_id AS checkInId FROM photo_nonces
        WHERE org_id = :orgId AND user_id = :userId AND nonce = :nonce`,
      { orgId: actor.orgId, userId: actor.userId, nonce: input.photoNonce },
    );
    if (!row || row.usedAt !== null || row.checkInId !== null || row.expiresAt <= this.hub.now()) throw overNonce();
    return 'wanted';
  }

  async bind({ orgId, userId }: Actor, nonce: string, checkInId: string): Promise<void> {
    await this.hub.sequelize.query(
      'UPDATE photo_nonces SET check_in_id = :checkInId WHERE org_id = :orgId AND user_id = :userId AND nonce = :nonce',
      { replacements: { orgId, userId, nonce, checkInId } },
    );
  }

  /** Uses it up for this check-in, once; in the caller’s transaction. @throws HubError PHOTO_NONCE */
  async use({ orgId, userId }: Actor, nonce: string, checkInId: string): Promise<void> {
    const [row] = await this.hub.select<{ expiresAt: Date; usedAt: Date | null; checkInId: string | null }>(
      `SELECT expires_at AS expiresAt, used_at AS usedAt, check_in_id AS checkInId FROM photo_nonces
        WHERE org_id = :orgId AND user_id = :userId AND nonce = :nonce FOR UPDATE`,
      { orgId, userId, nonce },
    );
    const isFor = row?.checkInId === null || row?.checkInId === checkInId;
    if (!row || !isFor || row.usedAt !== null || row.expiresAt <= this.hub.now()) throw overNonce();
    await this.hub.sequelize.query(
      'UPDATE photo_nonces SET used_at = :now, check_in_id = :checkInId WHERE org_id = :orgId AND user_id = :userId AND nonce = :nonce',
      { replacements: { orgId, userId, nonce, checkInId, now: this.hub.now() } },
    );
  }

  async tidy(): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM photo_nonces WHERE expires_at < :before LIMIT 10000', {
      replacements: { before: new Date(this.hub.now().getTime() - LIFE_MS) },
    });
  }
}

const overNonce = () => new HubError('PHOTO_NONCE', 'This nonce is not yours, was used, or is over.');

/** The same for the same check-in, however often it is sent; nobody can choose it, for the hash decides. */
const isDrawn = (clientId: string, perMille: number): boolean =>
  createHash('sha256').update(`photo:${clientId}`).digest().readUInt32BE(0) % 1_000 < perMille;
