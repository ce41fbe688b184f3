import type { Attempt } from '@loro/contracts/auth-flows';
import type { Organisation, User } from '@loro/contracts/people';
import { Op } from 'sequelize';
import { type Actor, allow, type Hub, type Page, pageOf, type PublicRequest, ulidInOrder } from '../../platform';
import type { ActionTokens } from './action-tokens.store';
import { type Refusal, refusedLetter, unlockLetter } from './auth.mails';
import { CredentialModel } from './credential.model';
import { linkTo } from './links';
import { LoginAttemptModel } from './login-attempt.model';
import type { SecurityAlerts } from './security-alerts';

const DAY_MS = 86_400_000;
const CLOSES_AFTER = 100;

/** An account that a password was tried on, and what became of it. */
export interface Tried {
  readonly user: User;
  readonly organisation: Organisation;
  readonly outcome: Attempt['outcome'];
  readonly reason: 'signed-in' | 'second-factor' | 'choose-organisation' | 'password' | Refusal;
}

interface AttemptQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly outcome?: Attempt['outcome'] | undefined;
}

/** Tries to sign in: kept for who looks after an organisation, counted against guessing, told to whom they concern. */
export class Attempts {
  constructor(
    private readonly hub: Hub,
    private readonly parts: { tokens: ActionTokens; alerts: SecurityAlerts },
  ) {}

  async list(actor: Actor, { limit, cursor, userId, outcome }: AttemptQuery): Promise<Page<Attempt>> {
    const { orgId } = actor;
    allow(actor, 'security.read', { orgId });
    const after = this.hub.cursors.decode('attempts', cursor);
    const rows = await LoginAttemptModel.findAll({
      where: {
        orgId,
        ...(userId !== undefined && { userId }),
        ...(outcome !== undefined && { outcome }),
        ...(after && { id: { [Op.lt]: String(after[0]) } }),
      },
      order: [['id', 'DESC']],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('attempts', [id]),
      (row) => row.toContract(),
    );
  }

  /** Keeps what was tried; of an address that nobody has too, so that it takes as long. */
  async note(accountKey: string, tried: readonly Tried[], { ip, userAgent }: PublicRequest): Promise<void> {
    const at = this.hub.now();
    const row = { accountKey, ip, userAgent, at };
    const nobody = { ...row, id: ulidInOrder(at.getTime()), orgId: null, userId: null };
    await this.hub.transact(async (after) => {
      await LoginAttemptModel.bulkCreate(
        tried.length === 0
          ? [{ ...nobody, outcome: 'failure', reason: 'unknown' }]
          : tried.map(({ user, organisation, outcome, reason }) => ({
              ...row,
              id: ulidInOrder(at.getTime()),
              orgId: organisation.id,
              userId: user.id,
              outcome,
              reason,
            })),
      );
      const failed = {
        type: 'security_event',
        action: 'sign-in.failed',
        outcome: 'failure',
        severity: 'notice',
      } as const;
      // Whoever guesses at an address that nobody has is seen too, in the journal of the hub.
      if (tried.length === 0) after.record({ ...failed, entity: { type: 'account', id: accountKey } });
      for (const { user, organisation, outcome } of tried)
        if (outcome === 'failure')
          after.record({ ...failed, orgId: organisation.id, entity: { type: 'user', id: user.id } });
    });
  }

  /** A wrong password: the hundredth within a day closes the account to passwords. */
  async wrong({ user, organisation }: Tried, since: Date | null): Promise<void> {
    const at = { orgId: organisation.id, userId: user.id };
    const from = new Date(Math.max(this.hub.now().getTime() - DAY_MS, since?.getTime() ?? 0));
    const failures = await LoginAttemptModel.count({ where: { ...at, outcome: 'failure', at: { [Op.gt]: from } } });
    if (failures < CLOSES_AFTER) return;
    await this.hub.transact(async (after) => {
      const [closed] = await CredentialModel.update({ lockedAt: this.hub.now() }, { where: { ...at, lockedAt: null } });
      if (closed === 0) return;
      after.record({
        type: 'security_event',
        action: 'password-sign-in.closed',
        outcome: 'denied',
        severity: 'warning',
        orgId: at.orgId,
        entity: { type: 'user', id: user.id },
        data: { failures },
      });
      this.parts.alerts.publish(after, { ...at, kind: 'sign-in-closed' });
      if (user.status !== 'active') return;
      const { token } = await this.parts.tokens.make({ purpose: 'unlock', email: user.email, of: at });
      const words = {
        name: user.name,
        organisation: organisation.name,
        again: linkTo(this.hub, 'forgot-password'),
      };
      this.hub.mail.post(after, { to: user.email, ...unlockLetter(linkTo(this.hub, 'unlock', token), words) });
    });
  }

  /** A right password that opens nothing: its owner hears why, at most once a day. To be asked before it is noted. */
  async refused({ user, organisation }: Tried, refusal: Refusal): Promise<void> {
    const { id: orgId, name } = organisation;
    const since = new Date(this.hub.now().getTime() - DAY_MS);
    const told = await LoginAttemptModel.findOne({
      where: { orgId, userId: user.id, outcome: 'denied', reason: refusal, at: { [Op.gt]: since } },
      attributes: ['id'],
    });
    await this.hub.transact(async (after) => {
      after.record({
        type: 'security_event',
        action: 'sign-in.refused',
        outcome: 'denied',
        severity: 'notice',
        orgId,
        entity: { type: 'user', id: user.id },
        data: { reason: refusal },
      });
      if (told) return;
      const words = { name: user.name, organisation: name, again: linkTo(this.hub, 'forgot-password') };
      this.hub.mail.post(after, { to: user.email, ...refusedLetter(refusal, words) });
    });
  }

  /** In the caller's transaction: passwords open the account again, and what was counted counts no more. */
  async open(orgId: string, userId: string): Promise<boolean> {
    const now = this.hub.now();
    const [opened] = await CredentialModel.update({ lockedAt: null, failuresSince: now }, { where: { orgId, userId } });
    await this.parts.tokens.void(['unlock'], { orgId, userId });
    return opened > 0;
  }
}
