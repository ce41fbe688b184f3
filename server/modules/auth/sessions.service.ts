import type { Session, Tokens } from '@loro/contracts/auth';
import { Op } from 'sequelize';
import {
  type Actor,
  type After,
  allow,
  type Hub,
  type HubError,
  NotFound,
  type Page,
  pageOf,
  Unauthenticated,
  ulid,
} from '../../platform';
import { people } from '../people';
import { newBearer, sha256 } from './bearer';
import type { LicenseGate, Narrowed } from './license-gate';
import { RefreshTokenModel } from './refresh-token.model';
import type { SecurityAlerts } from './security-alerts';
import type { SecurityRules } from './security-rules';
import { SessionModel, type SessionState } from './session.model';
import type { SigningKeys } from './signing-keys';

const ACCESS_LIFE_MS = 10 * 60_000;
const SESSIONS_A_USER = 10;
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);
const later = (from: Date, ms: number): Date => new Date(from.getTime() + ms);

export type Issued = Tokens & { refreshToken: string };

/** Where somebody signs in. */
export interface Device {
  readonly name: string;
  readonly ip: string;
  readonly id?: string | undefined;
  readonly userAgent?: string;
  readonly kind?: 'web' | 'mobile';
}

interface SessionParts {
  readonly keys: SigningKeys;
  readonly rules: SecurityRules;
  readonly alerts: SecurityAlerts;
  /** What a person's tokens are restricted to, while something is missing. */
  readonly restrictionOf: (orgId: string, userId: string) => Promise<Narrowed>;
  readonly license: LicenseGate;
}

/** Who is signed in where, and for how long. */
export class Sessions {
  constructor(
    private readonly hub: Hub,
    private readonly parts: SessionParts,
  ) {}

  /** Why somebody can open no session. */
  refusalToEnter({ orgId, userId }: { orgId: string; userId: string }): Promise<HubError | undefined> {
    return this.parts.license.refusalToEnter(orgId, userId);
  }

  /** Why a session cannot be refreshed. */
  refusalToGoOn({ orgId, userId }: SessionModel): Promise<HubError | undefined> {
    return this.parts.license.refusalToGoOn(orgId, userId);
  }

  /** Opens a session for somebody who has just proved who it is, by what `amr` names. */
  async open(orgId: string, userId: string, device: Device, amr: readonly string[] = ['pwd']): Promise<Issued> {
    const refusal = await this.refusalToEnter({ orgId, userId });
    if (refusal) throw refusal;
    const kind = device.kind ?? 'mobile';
    const { idleMs, absoluteMs } = await this.parts.rules.livesOf(orgId, kind);
    const refreshToken = newBearer();
    const session = await this.hub.transact(async (after) => {
      const now = this.hub.now();
      const isNew = await this.isNewDevice(orgId, userId, device);
      const absoluteExpiresAt = later(now, absoluteMs);
      const opened = await SessionModel.create({
        orgId,
        id: ulid(now.getTime()),
        userId,
        kind,
        deviceId: device.id ?? null,
        deviceName: device.name,
        userAgent: device.userAgent ?? '',
        ip: device.ip,
        amr: amr.join(' '),
        authTime: now,
        state: 'active',
        createdAt: now,
        lastSeenAt: now,
        idleExpiresAt: earlier(later(now, idleMs), absoluteExpiresAt),
        absoluteExpiresAt,
        endedAt: null,
        endReason: null,
      });
      await this.keep(opened, refreshToken, now);
      const tooMany = await this.beyondTheLimit(orgId, userId);
      for (const oldest of tooMany) await this.close(oldest, 'revoked', 'too-many');
      after.record({
        type: 'security_event',
        action: 'session.opened',
        orgId,
        entity: { type: 'session', id: opened.id },
        data: { userId, kind, amr: [...amr], ended: tooMany.map(({ id }) => id) },
      });
      if (isNew)
        await this.parts.alerts.tell(after, {
          orgId,
          userId,
          kind: 'new-device',
          ip: device.ip,
          deviceName: device.name,
        });
      return opened;
    });
    return { ...(await this.issue(session)), refreshToken };
  }

  /** An access token of the session, that opens what its person may do now. */
  async issue({ orgId, userId, id, authTime, absoluteExpiresAt: end }: SessionModel): Promise<Tokens> {
    const { only, until = end } = await this.parts.restrictionOf(orgId, userId);
    const lifeMs = Math.min(ACCESS_LIFE_MS, earlier(until, end).getTime() - this.hub.now().getTime());
    const claims = { orgId, userId, sessionId: id, authenticatedAt: authTime, ...(only && { only }) };
    const { token, expiresAt } = await this.parts.keys.sign(claims, lifeMs);
    return {
      status: 'signed-in',
      accessToken: token,
      expiresAt: expiresAt.toISOString(),
      sessionId: id,
      ...(only && { only }),
    };
  }

  /** Keeps what a refresh token is known by; the token itself is never kept. */
  async keep({ orgId, id }: SessionModel, token: string, now: Date): Promise<void> {
    await RefreshTokenModel.create({
      tokenSha256: sha256(token),
      orgId,
      sessionId: id,
      status: 'active',
      issuedAt: now,
      rotatedAt: null,
      successorSha256: null,
    });
  }

  /** Somebody uses it: it lives on, within its absolute life. */
  async touch(session: SessionModel, now: Date): Promise<void> {
    const { idleMs } = await this.parts.rules.livesOf(session.orgId, session.kind);
    await session.update({
      lastSeenAt: now,
      idleExpiresAt: earlier(later(now, idleMs), session.absoluteExpiresAt),
    });
  }

  /** The person has proved once more who it is. @returns an access token that says so */
  async prove({ orgId, sessionId }: Actor, how: string): Promise<Tokens> {
    const session = await this.hub.transact(async (after) => {
      const proved = await SessionModel.findOne({ where: { orgId, id: sessionId, state: 'active' }, lock: true });
      if (!proved) throw ended();
      const amr = [...new Set([...proved.amr.split(' '), how])].join(' ');
      await proved.update({ authTime: this.hub.now(), amr });
      after.record({
        type: 'security_event',
        action: 'session.proved',
        entity: { type: 'session', id: sessionId },
        data: { how },
      });
      return proved;
    });
    return this.issue(session);
  }

  /** @returns who acts in it in the person's place @throws Unauthenticated when the session is not alive any more */
  async mustLive(orgId: string, sessionId: string): Promise<string | null> {
    const session = await SessionModel.findOne({ where: { orgId, id: sessionId } });
    if (session?.state === 'active') return session.impersonatorId;
    throw ended();
  }

  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<Session>> {
    const after = this.hub.cursors.decode('sessions', cursor);
    const rows = await SessionModel.findAll({
      where: {
        orgId: actor.orgId,
        userId: actor.userId,
        state: 'active',
        idleExpiresAt: { [Op.gt]: this.hub.now() },
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
    await this.hub.transact(async (after) => {
      const session = await SessionModel.findOne({ where: { orgId: actor.orgId, id: sessionId }, lock: true });
      if (session?.userId !== actor.userId) throw new NotFound('This session');
      if (session.state !== 'active') return;
      await this.close(session, 'revoked', sessionId === actor.sessionId ? 'signed-out' : 'ended');
      after.record({
        type: 'security_event',
        action: 'session.ended',
        entity: { type: 'session', id: sessionId },
        data: { reason: session.endReason },
      });
    });
    await this.hub.changes.read();
  }

  /** Ends all of the caller's sessions but the one that it calls with. */
  async endOthers(actor: Actor): Promise<void> {
    await this.hub.transact(() => this.endAll(actor.orgId, actor.userId, 'ended', { except: actor.sessionId }));
    await this.hub.changes.read();
  }

  /** An administrator ends somebody's sessions. */
  async endOf(actor: Actor, userId: string): Promise<void> {
    allow(actor, 'people.secure', { orgId: actor.orgId });
    await this.hub.use(people).byId(actor.orgId, userId);
    await this.hub.transact(() => this.endAll(actor.orgId, userId, 'administrator'));
    await this.hub.changes.read();
  }

  /** Ends all sessions of a person, in the caller's transaction. */
  async endAll(orgId: string, userId: string, reason: string, { except = '' } = {}): Promise<void> {
    await this.hub.transact(async (after) => {
      const sessions = await SessionModel.findAll({
        where: { orgId, userId, state: 'active', id: { [Op.ne]: except } },
        order: ['id'],
        lock: true,
      });
      for (const session of sessions) await this.close(session, 'revoked', reason);
      if (sessions.length === 0) return;
      after.record({
        type: 'security_event',
        action: 'sessions.ended',
        orgId,
        entity: { type: 'user', id: userId },
        data: { reason, count: sessions.length },
      });
    });
  }

  /** In the caller's transaction; whoever calls says why to the journal. */
  async close(session: SessionModel, state: Exclude<SessionState, 'active'>, reason: string): Promise<void> {
    const { orgId, id, userId } = session;
    await session.update({ state, endedAt: this.hub.now(), endReason: reason });
    await RefreshTokenModel.update({ status: 'revoked' }, { where: { orgId, sessionId: id } });
    await this.hub.changes.record({ orgId, userId, sessionId: id });
  }

  /** A copy of its token is in other hands: the session ends, and everybody who must know does. */
  async compromise(after: After, session: SessionModel, reason: 'refresh-reused' | 'refresh-device', ip: string) {
    const { orgId, userId, id, deviceName } = session;
    await this.close(session, 'compromised', reason);
    after.record({
      type: 'security_event',
      action: 'session.compromised',
      outcome: 'denied',
      severity: 'critical',
      orgId,
      entity: { type: 'session', id },
      data: { userId, reason },
    });
    await this.parts.alerts.tell(after, { orgId, userId, kind: 'refresh-reused', ip, deviceName });
    this.hub.log.warn({ sessionId: id, userId, reason }, 'a session was ended, because its token may be stolen');
  }

  private beyondTheLimit(orgId: string, userId: string): Promise<SessionModel[]> {
    return SessionModel.findAll({
      where: { orgId, userId, state: 'active' },
      order: [
        ['lastSeenAt', 'DESC'],
        ['id', 'DESC'],
      ],
      offset: SESSIONS_A_USER,
      limit: 100,
    });
  }

  /** Whether the person is known from other devices and not from this one. */
  private async isNewDevice(orgId: string, userId: string, { id, userAgent = '' }: Device): Promise<boolean> {
    const mark = id === undefined ? { userAgent } : { deviceId: id };
    if (id === undefined && userAgent === '') return false;
    const known = { orgId, userId, userAgent: { [Op.ne]: '' } };
    if ((await SessionModel.findOne({ where: known, attributes: ['id'] })) === null) return false;
    return (await SessionModel.findOne({ where: { orgId, userId, ...mark }, attributes: ['id'] })) === null;
  }
}

const ended = () => new Unauthenticated('SESSION_REVOKED', 'This session was ended. Please sign in again.');
