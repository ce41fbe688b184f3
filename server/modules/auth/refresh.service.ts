import { Op } from 'sequelize';
import { type After, type Hub, HubError, TooMany, Unauthenticated } from '../../platform';
import type { AttemptLimit } from './attempt-limit';
import { sha256 } from './bearer';
import { RefreshTokenModel } from './refresh-token.model';
import { SessionModel } from './session.model';
import type { Issued, Sessions } from './sessions.service';

const ROTATION_GRACE_MS = 10_000;
const ROTATIONS_A_MINUTE = 30;
const MINUTE_MS = 60_000;

/** What comes with a refresh token. */
export interface RefreshFrom {
  readonly deviceId: string | undefined;
  readonly ip: string;
}

interface Rotation {
  readonly session: SessionModel;
  readonly successor: string;
}

/** Refresh tokens rotate; one used twice ends its session, unless it merely lost a race. */
export class Refresh {
  constructor(
    private readonly hub: Hub,
    private readonly sessions: Sessions,
    private readonly guesses: AttemptLimit,
  ) {}

  /**
   * Trades a refresh token for its successor. The successor is derived from the token under the hub's secret, so a
   * second request within ten seconds gets the very same one without anything being kept but its hash.
   */
  async trade(refreshToken: string, from: RefreshFrom): Promise<Issued> {
    const outcome = await this.hub.transact((after) => this.judge(after, refreshToken, from));
    // Thrown here and not inside, because ending a stolen session must be committed and not rolled back.
    if (outcome instanceof HubError) {
      await this.hub.changes.read();
      if (outcome.code === 'REFRESH_INVALID') await this.guesses.take(from.ip);
      throw outcome;
    }
    const { session, successor } = outcome;
    return { ...(await this.sessions.issue(session)), refreshToken: successor };
  }

  private async judge(after: After, refreshToken: string, from: RefreshFrom): Promise<Rotation | HubError> {
    const row = await RefreshTokenModel.findOne({ where: { tokenSha256: sha256(refreshToken) }, lock: true });
    if (!row) return new Unauthenticated('REFRESH_INVALID', 'This refresh token is not known.');
    const { orgId, sessionId } = row;
    const session = await SessionModel.findOne({ where: { orgId, id: sessionId }, lock: true });
    if (session?.state === 'expired') return expired();
    if (session?.state !== 'active' || row.status === 'revoked')
      return new Unauthenticated('SESSION_REVOKED', 'This session was ended. Please sign in again.');
    // Before the token is traded: whoever renews the licence goes on with it.
    const refusal = await this.sessions.refusalToGoOn(session);
    if (refusal) return refusal;
    const successor = this.hub.secrets.hmac('refresh', refreshToken).toString('base64url');
    if (row.status === 'rotated') return this.replay(after, row, { session, successor }, from);
    return this.rotate(after, row, { session, successor }, from);
  }

  private async rotate(
    after: After,
    row: RefreshTokenModel,
    { session, successor }: Rotation,
    from: RefreshFrom,
  ): Promise<Rotation | HubError> {
    const now = this.hub.now();
    if (session.isOver(now)) {
      await this.sessions.close(session, 'expired', 'ran-out');
      after.record({
        type: 'security_event',
        action: 'session.expired',
        orgId: session.orgId,
        entity: { type: 'session', id: session.id },
        data: { userId: session.userId },
      });
      return expired();
    }
    if (isElsewhere(session, from)) {
      await this.sessions.compromise(after, session, 'refresh-device', from.ip);
      return new Unauthenticated(
        'REFRESH_DEVICE',
        'This refresh token belongs to another device. Its session was ended.',
      );
    }
    const waitMs = await this.waitOf(session, now);
    if (waitMs > 0) return new TooMany(waitMs);
    await row.update({ status: 'rotated', rotatedAt: now, successorSha256: sha256(successor) });
    await this.sessions.keep(session, successor, now);
    await this.sessions.touch(session, now);
    return { session, successor };
  }

  /** The token was traded before. */
  private async replay(
    after: After,
    row: RefreshTokenModel,
    rotation: Rotation,
    from: RefreshFrom,
  ): Promise<Rotation | HubError> {
    const ageMs = this.hub.now().getTime() - (row.rotatedAt?.getTime() ?? 0);
    if (ageMs <= ROTATION_GRACE_MS && !isElsewhere(rotation.session, from)) {
      const next = await RefreshTokenModel.findOne({ where: { tokenSha256: row.successorSha256 ?? '' } });
      if (next?.status === 'active') return rotation;
      return new Unauthenticated('REFRESH_RACED', 'Another refresh won, and its successor is in use already.');
    }
    await this.sessions.compromise(after, rotation.session, 'refresh-reused', from.ip);
    return new Unauthenticated('REFRESH_REUSED', 'This refresh token was used before. The session was ended.');
  }

  /** A rotation leaves a row, so the rows of the last minute are the count: exact, and the same on every node. */
  private async waitOf({ orgId, id: sessionId }: SessionModel, now: Date): Promise<number> {
    const recent = await RefreshTokenModel.findAll({
      where: { orgId, sessionId, rotatedAt: { [Op.gt]: new Date(now.getTime() - MINUTE_MS) } },
      attributes: ['rotatedAt'],
      order: [['rotatedAt', 'DESC']],
      limit: ROTATIONS_A_MINUTE,
    });
    const oldest = recent.length < ROTATIONS_A_MINUTE ? null : recent.at(-1)?.rotatedAt;
    return oldest ? oldest.getTime() + MINUTE_MS - now.getTime() : 0;
  }
}

const isElsewhere = ({ deviceId }: SessionModel, from: RefreshFrom): boolean =>
  deviceId !== null && deviceId !== from.deviceId;

const expired = () => new Unauthenticated('REFRESH_EXPIRED', 'This session has run out. Please sign in again.');
