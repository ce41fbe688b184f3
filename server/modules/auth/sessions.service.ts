import { createHash, randomBytes } from 'node:crypto';
import type { Session, Tokens } from '@loro/contracts/auth';
import { Op } from 'sequelize';
import {
  type Actor,
  allow,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  Unauthenticated,
  ulid,
} from '../../platform';
import { RefreshTokenModel } from './refresh-token.model';
import { SessionModel } from './session.model';
import type { SigningKeys } from './signing-keys';

const ACCESS_LIFE_MS = 10 * 60_000;
const IDLE_LIFE_MS = 14 * 86_400_000;
const ABSOLUTE_LIFE_MS = 90 * 86_400_000;
const ROTATION_GRACE_MS = 10_000;
const SESSIONS_A_USER = 10;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const later = (from: Date, ms: number): Date => new Date(from.getTime() + ms);

export type Issued = Tokens & { refreshToken: string };

/** Sessions and their tokens. Refresh tokens rotate; one used twice ends its session, unless it merely lost a race. */
export class Sessions {
  constructor(
    private readonly hub: Hub,
    private readonly keys: SigningKeys,
  ) {}

  async open(orgId: string, userId: string, device: { name: string; ip: string }): Promise<Issued> {
    const now = this.hub.now();
    const id = ulid(now.getTime());
    const refreshToken = randomBytes(32).toString('base64url');
    await this.hub.transact(async () => {
      await SessionModel.create({
        orgId,
        id,
        userId,
        deviceName: device.name,
        ip: device.ip,
        state: 'active',
        createdAt: now,
        lastSeenAt: now,
        idleExpiresAt: later(now, IDLE_LIFE_MS),
        absoluteExpiresAt: later(now, ABSOLUTE_LIFE_MS),
      });
      await this.store(orgId, id, refreshToken, now);
      const live = await SessionModel.findAll({
        where: { orgId, userId, state: 'active' },
        order: [
          ['lastSeenAt', 'DESC'],
          ['id', 'DESC'],
        ],
        offset: SESSIONS_A_USER,
        limit: 100,
      });
      for (const session of live) await this.close(session, 'revoked');
    });
    return this.issue({ orgId, userId, id, createdAt: now }, refreshToken);
  }

  /**
   * Trades a refresh token for its successor. The successor is derived from the token under the hub's secret, so a
   * second request within ten seconds gets the very same one without anything being kept but its hash.
   */
  async refresh(refreshToken: string): Promise<Issued> {
    const outcome = await this.hub.transact(async (): Promise<Issued | HubError> => {
      const row = await RefreshTokenModel.findOne({ where: { tokenSha256: sha256(refreshToken) }, lock: true });
      if (!row) return new Unauthenticated('REFRESH_INVALID', 'This refresh token is not known.');
      const { orgId, sessionId } = row;
      const session = await SessionModel.findOne({ where: { orgId, id: sessionId }, lock: true });
      if (session?.state !== 'active' || row.status === 'revoked')
        return new Unauthenticated('SESSION_REVOKED', 'This session was ended. Please sign in again.');
      const now = this.hub.now();
      if (session.idleExpiresAt <= now || session.absoluteExpiresAt <= now) {
        await this.close(session, 'expired');
        return new Unauthenticated('REFRESH_EXPIRED', 'This session has run out. Please sign in again.');
      }
      const successor = this.hub.secrets.hmac('refresh', refreshToken).toString('base64url');
      if (row.status === 'rotated') return this.replay(row, session, successor, now);

      await row.update({ status: 'rotated', rotatedAt: now, successorSha256: sha256(successor) });
      await this.store(orgId, sessionId, successor, now);
      await session.update({ lastSeenAt: now, idleExpiresAt: later(now, IDLE_LIFE_MS) });
      return this.issue(session, successor);
    });
    // Thrown here and not inside, because ending a stolen session must be committed and not rolled back.
    if (outcome instanceof HubError) {
      await this.hub.changes.read();
      throw outcome;
    }
    return outcome;
  }

  /** @throws Unauthenticated when the session is not alive any more */
  async mustLive(orgId: string, sessionId: string): Promise<void> {
    const session = await SessionModel.findOne({ where: { orgId, id: sessionId } });
    if (session?.state !== 'active')
      throw new Unauthenticated('SESSION_REVOKED', 'This session was ended. Please sign in again.');
  }

  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<Session>> {
    const after = this.hub.cursors.decode('sessions', cursor);
    const rows = await SessionModel.findAll({
      where: {
        orgId: actor.orgId,
        userId: actor.userId,
        state: 'active',
        ...(after && { id: { [Op.lt]: String(after[0]) } }),
      },
      order: [['id', 'DESC']],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('sessions', [id]),
      (row) => row.toContract(actor.sessionId),
    );
  }

  /** Ends a session on every node: no refresh, no call, and its sockets are closed. */
  async end(actor: Actor, sessionId: string): Promise<void> {
    await this.hub.transact(async () => {
      const session = await SessionModel.findOne({ where: { orgId: actor.orgId, id: sessionId }, lock: true });
      if (!session) throw new NotFound('This session');
      allow(actor, 'account.use', { userId: session.userId, what: 'This session' });
      if (session.userId !== actor.userId) throw new NotFound('This session');
      await this.close(session, 'revoked');
    });
    await this.hub.changes.read();
  }

  private async replay(row: RefreshTokenModel, session: SessionModel, successor: string, now: Date) {
    const ageMs = now.getTime() - (row.rotatedAt?.getTime() ?? 0);
    if (ageMs <= ROTATION_GRACE_MS) {
      const next = await RefreshTokenModel.findOne({ where: { tokenSha256: row.successorSha256 ?? '' } });
      if (next?.status === 'active') return this.issue(session, successor);
      return new Unauthenticated('REFRESH_RACED', 'Another refresh won, and its successor is in use already.');
    }
    await this.close(session, 'compromised');
    this.hub.log.warn(
      { sessionId: session.id, userId: session.userId },
      'a refresh token was used twice, its session was ended',
    );
    return new Unauthenticated('REFRESH_REUSED', 'This refresh token was used before. The session was ended.');
  }

  private async close(session: SessionModel, state: 'revoked' | 'expired' | 'compromised'): Promise<void> {
    const { orgId, id, userId } = session;
    await session.update({ state });
    await RefreshTokenModel.update({ status: 'revoked' }, { where: { orgId, sessionId: id } });
    await this.hub.changes.record({ orgId, userId, sessionId: id });
  }

  private async store(orgId: string, sessionId: string, token: string, now: Date): Promise<void> {
    await RefreshTokenModel.create({
      tokenSha256: sha256(token),
      orgId,
      sessionId,
      status: 'active',
      issuedAt: now,
      rotatedAt: null,
      successorSha256: null,
    });
  }

  private issue(
    { orgId, userId, id, createdAt }: Pick<SessionModel, 'orgId' | 'userId' | 'id' | 'createdAt'>,
    refreshToken: string,
  ): Issued {
    const claims = { orgId, userId, sessionId: id, authenticatedAt: createdAt };
    const { token, expiresAt } = this.keys.sign(claims, ACCESS_LIFE_MS);
    return { status: 'signed-in', accessToken: token, expiresAt: expiresAt.toISOString(), refreshToken, sessionId: id };
  }
}
