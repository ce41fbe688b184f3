import type { Tokens } from '@loro/contracts/auth';
import { type Impersonation, impersonationsLive } from '@loro/contracts/auth-impersonation';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  Forbidden,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  type PublicRequest,
  ulid,
} from '../../platform';
import { people } from '../people';
import { ImpersonationsStore, presented, type StoredImpersonation } from './impersonations.store';
import type { SecurityAlerts } from './security-alerts';
import type { Sessions } from './sessions.service';
import { SessionModel } from './session.model';

const MINUTE_MS = 60_000;
/** A question that nobody answers is over after a day. */
const ASKED_MS = 24 * 60 * MINUTE_MS;

/**
 * Acting in somebody's place, by his leave: with his rights and no more, never where a fresh sign-in is asked for, and
 * with the helper's name in every entry of the journal. Both hear of every step, and either ends it.
 */
export class Impersonations {
  private readonly rows: ImpersonationsStore;

  constructor(
    private readonly hub: Hub,
    private readonly parts: { readonly sessions: Sessions; readonly alerts: SecurityAlerts },
  ) {
    this.rows = new ImpersonationsStore(hub);
  }

  async ask(
    actor: Actor,
    userId: string,
    { reason, minutes }: { reason: string; minutes: number },
  ): Promise<Impersonation> {
    const { orgId } = actor;
    const user = await this.hub.use(people).byId(orgId, userId);
    allow(actor, 'people.impersonate', { userId, branchId: user.homeBranchId, what: 'This person' });
    mustBeOneself(actor);
    const { ownerId } = await this.hub.use(people).organisationOf(orgId);
    if (userId === actor.userId || userId === ownerId || user.kind === 'service')
      throw new Forbidden('FORBIDDEN', 'Nobody acts in the place of the owner, of a program or of himself.');
    if (user.status !== 'active') throw new NotFound('This person, among those who may sign in,');
    const id = ulid(this.hub.now().getTime());
    return this.hub.transact(async (after) => {
      await this.rows.endStale(orgId, actor.userId, userId, new Date(this.hub.now().getTime() - ASKED_MS));
      await this.rows
        .add({ orgId, id, helperId: actor.userId, userId, reason, minutes })
        .catch(
          onDuplicate((cause) => new Conflict('IMPERSONATION_OPEN', 'You have asked this person already.', { cause })),
        );
      await this.parts.alerts.tell(after, { orgId, userId, kind: 'impersonation-asked' });
      return this.tell(await this.row(orgId, id), 'asked', after);
    });
  }

  async get(actor: Actor, id: string): Promise<Impersonation> {
    return presented(await this.mine(actor, id));
  }

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Impersonation>> {
    allow(actor, 'account.use', { userId: actor.userId });
    const before = this.hub.cursors.decode('impersonations', cursor)?.[0];
    const rows = await this.rows.of(
      actor.orgId,
      actor.userId,
      before === undefined ? undefined : String(before),
      limit + 1,
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('impersonations', [id]), presented);
  }

  /** The person alone answers, and nobody in his place. */
  async answer(actor: Actor, id: string, isGranted: boolean): Promise<Impersonation> {
    mustBeOneself(actor);
    const { orgId, userId } = actor;
    const asked = await this.mine(actor, id);
    if (asked.userId !== userId) throw new Forbidden('FORBIDDEN', 'Only whoever was asked can answer.');
    const now = this.hub.now();
    const since = new Date(now.getTime() - ASKED_MS);
    return this.hub.transact(async (after) => {
      const endsAt = isGranted ? new Date(now.getTime() + asked.minutes * MINUTE_MS) : null;
      if (!(await this.rows.answer(asked, endsAt, since))) throw notOpen();
      return this.tell(await this.row(orgId, id), isGranted ? 'granted' : 'refused', after);
    });
  }

  /** The helper's way in, as often as he needs until the leave ends. */
  async enter(actor: Actor, id: string, request: PublicRequest): Promise<Tokens> {
    mustBeOneself(actor);
    const { orgId } = actor;
    const granted = await this.mine(actor, id);
    if (granted.helperId !== actor.userId) throw new Forbidden('FORBIDDEN', 'The leave was given to somebody else.');
    const session = await this.hub.transact(async (after) => {
      const locked = await this.rows.lock(orgId, id);
      if (locked?.state !== 'granted' || !locked.endsAt || locked.endsAt <= this.hub.now()) throw notOpen();
      const { name, status } = await this.hub.use(people).byId(orgId, actor.userId);
      if (status !== 'active') throw notOpen();
      if (locked.sessionId !== null) return this.sessionOf(orgId, locked.sessionId);
      const device = {
        id: actor.userId,
        name: `${name} (helper)`.slice(0, 120),
        ip: request.ip,
        userAgent: request.userAgent,
      };
      const opened = await this.openSession(orgId, locked.userId, device, locked.endsAt);
      await this.rows.keepSession(locked, opened.id);
      await this.parts.alerts.tell(after, {
        orgId,
        userId: locked.userId,
        kind: 'impersonation-begun',
        ip: request.ip,
      });
      this.tell(locked, 'started', after);
      return opened;
    });
    return this.parts.sessions.issue(session);
  }

  async end(actor: Actor, id: string): Promise<Impersonation> {
    const found = await this.mine(actor, id);
    const ended = await this.hub.transact(async (after) => {
      if (!(await this.rows.end(found))) return presented(await this.row(actor.orgId, id));
      const row = await this.row(actor.orgId, id);
      if (row.sessionId !== null) {
        const session = await SessionModel.findOne({ where: { orgId: row.orgId, id: row.sessionId }, lock: true });
        if (session?.state === 'active') await this.parts.sessions.close(session, 'revoked', 'impersonation-ended');
        await this.parts.alerts.tell(after, { orgId: row.orgId, userId: row.userId, kind: 'impersonation-ended' });
      }
      return this.tell(row, 'ended', after);
    });
    await this.hub.changes.read();
    return ended;
  }

  /** Who acts in the caller's session, for the banner that says so. */
  async actedBy({ orgId, impersonatorId }: Actor): Promise<{ impersonatorId: string; name: string } | null> {
    if (impersonatorId === undefined) return null;
    const { name } = await this.hub.use(people).byId(orgId, impersonatorId);
    return { impersonatorId, name };
  }

  /** It cannot be refreshed, and no proof in it counts as fresh. In the caller's transaction. */
  private openSession(
    orgId: string,
    userId: string,
    helper: { readonly id: string; readonly name: string; readonly ip: string; readonly userAgent: string },
    until: Date,
  ): Promise<SessionModel> {
    const now = this.hub.now();
    return SessionModel.create({
      orgId,
      id: ulid(now.getTime()),
      userId,
      kind: 'mobile',
      deviceId: null,
      deviceName: helper.name,
      userAgent: helper.userAgent,
      ip: helper.ip,
      amr: 'imp',
      authTime: new Date(0),
      state: 'active',
      createdAt: now,
      lastSeenAt: now,
      idleExpiresAt: until,
      absoluteExpiresAt: until,
      endedAt: null,
      endReason: null,
      impersonatorId: helper.id,
    });
  }

  /** Both hear of it, and both have it in their history. */
  private tell(row: StoredImpersonation, what: string, after: After): Impersonation {
    const impersonation = presented(row);
    const { orgId, id, helperId, userId, reason } = row;
    for (const person of [helperId, userId]) {
      after.publish(impersonationsLive, 'impersonation:changed', { orgId, id: person }, impersonation);
      after.record({
        type: 'security_event',
        action: `impersonation.${what}`,
        severity: what === 'started' ? 'warning' : 'notice',
        orgId,
        entity: { type: 'user', id: person },
        data: { impersonation: id, helperId, userId, reason },
        personal: ['reason'],
        subject: { type: 'user', id: userId },
      });
    }
    return impersonation;
  }

  private async mine(actor: Actor, id: string): Promise<StoredImpersonation> {
    const row = await this.row(actor.orgId, id);
    if (row.helperId !== actor.userId && row.userId !== actor.userId) throw new NotFound('This request');
    return row;
  }

  private async row(orgId: string, id: string): Promise<StoredImpersonation> {
    const row = await this.rows.find(orgId, id);
    if (!row) throw new NotFound('This request');
    return row;
  }

  private async sessionOf(orgId: string, id: string): Promise<SessionModel> {
    const session = await SessionModel.findOne({ where: { orgId, id, state: 'active' } });
    if (!session) throw notOpen();
    return session;
  }
}

/** Whoever acts in somebody's place gives no leave in his name, and asks for none. */
function mustBeOneself({ impersonatorId }: Actor): void {
  if (impersonatorId !== undefined) throw new Forbidden('FORBIDDEN', 'This is for the person alone.');
}

const notOpen = () => new Conflict('IMPERSONATION_ENDED', 'This was answered, has ended or ran out.');
