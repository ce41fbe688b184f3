import type { Factor, Factors as FactorList, FactorSetUp, factorMethods } from '@loro/contracts/auth-factors';
import { Op } from 'sequelize';
import {
  type AccessToken,
  type Actor,
  allow,
  Conflict,
  type Hub,
  NotFound,
  Unauthenticated,
  ulid,
} from '../../platform';
import { access } from '../access';
import { people } from '../people';
import { FactorFailures } from './factor-failures.store';
import { FactorModel } from './factor.model';
import { RecoveryCodes } from './recovery-codes.service';
import type { SecurityAlerts } from './security-alerts';
import type { SecurityRules } from './security-rules';
import { confirmedStep, newSecret, readCode, stepsOf, uriOf } from './totp.policy';

const FACTORS_A_PERSON = 5;
const ISSUER = 'Loro Hub';

type Method = (typeof factorMethods)[number];

/** How a second factor was proved, as sessions keep it. */
export type ProvedBy = 'otp' | 'recovery';

/** Second factors: setting them up, asking for them, doing without. */
export class Factors {
  readonly codes: RecoveryCodes;
  private readonly failures: FactorFailures;

  constructor(
    private readonly hub: Hub,
    private readonly rules: SecurityRules,
    private readonly alerts: SecurityAlerts,
  ) {
    this.codes = new RecoveryCodes(hub, alerts);
    this.failures = new FactorFailures(hub);
  }

  async list(actor: Actor): Promise<FactorList> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const factors = await this.confirmed(actor.orgId, actor.userId);
    return {
      factors: factors.map((factor) => factor.toContract()),
      recoveryCodesLeft: await this.codes.left(actor.orgId, actor.userId),
    };
  }

  /** Makes a secret, which counts for nothing until two of its codes were given. */
  async setUp(actor: Actor, { name }: { name: string }): Promise<FactorSetUp> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const { orgId, userId } = actor;
    const { email } = await this.hub.use(people).byId(orgId, userId);
    const secret = newSecret();
    const id = ulid(this.hub.now().getTime());
    await this.hub.transact(async (after) => {
      if ((await this.confirmed(orgId, userId)).length >= FACTORS_A_PERSON)
        throw new Conflict('TOO_MANY_FACTORS', `There are ${FACTORS_A_PERSON} second factors already.`);
      await FactorModel.destroy({ where: { orgId, userId, confirmedAt: null } });
      await FactorModel.create({
        orgId,
        id,
        userId,
        kind: 'totp',
        name,
        secretCipher: this.hub.secrets.seal('factors', secret),
        createdAt: this.hub.now(),
        confirmedAt: null,
        lastUsedStep: null,
      });
      after.record({ type: 'security_event', action: 'factor.set-up', entity: { type: 'factor', id } });
    });
    return { id, secret, uri: uriOf(secret, { issuer: ISSUER, label: email }) };
  }

  async confirm(actor: Actor, input: { factorId: string; codes: readonly [string, string] }): Promise<Factor> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const { orgId, userId } = actor;
    return this.hub.transact(async (after) => {
      const found = await FactorModel.findOne({ where: { orgId, userId, id: input.factorId }, lock: true });
      if (!found) throw new NotFound('This second factor');
      if (found.confirmedAt !== null) throw new Conflict('FACTOR_CONFIRMED', 'This second factor is in use already.');
      const [first, second] = input.codes.map((code) => readCode(code)?.code ?? '');
      const step = confirmedStep([first ?? '', second ?? ''], this.secretOf(found), this.hub.now());
      if (step === undefined) throw wrongCode();
      await found.update({ confirmedAt: this.hub.now(), lastUsedStep: step });
      after.record({
        type: 'security_event',
        action: 'factor.confirmed',
        entity: { type: 'factor', id: found.id },
        data: { userId, kind: found.kind },
      });
      await this.alerts.tell(after, { orgId, userId, kind: 'factor-added' });
      await this.hub.changes.record({ orgId, userId, sessionId: null });
      return found.toContract();
    });
  }

  /** Takes a proof by any factor of the person, the one that goes included. */
  async remove(actor: Actor, factorId: string, code: string): Promise<void> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const { orgId, userId } = actor;
    const known = await this.confirmed(orgId, userId);
    if (!known.some(({ id }) => id === factorId)) throw new NotFound('This second factor');
    await this.prove(orgId, userId, code);
    await this.hub.transact(async (after) => {
      const gone = await FactorModel.destroy({ where: { orgId, userId, id: factorId } });
      if (gone === 0) throw new NotFound('This second factor');
      if (known.length === 1) await this.codes.forget(orgId, userId);
      after.record({
        type: 'security_event',
        action: 'factor.removed',
        severity: 'notice',
        entity: { type: 'factor', id: factorId },
        data: { userId },
      });
      await this.alerts.tell(after, { orgId, userId, kind: 'factor-removed' });
    });
  }

  /** What a sign-in may be finished with; nothing where the password is enough. */
  async methodsOf(orgId: string, userId: string): Promise<Method[]> {
    if ((await this.confirmed(orgId, userId)).length === 0) return [];
    return (await this.codes.left(orgId, userId)) > 0 ? ['totp', 'recovery-code'] : ['totp'];
  }

  /**
   * A code of an authenticator or a recovery code, used up by this. Wrong ones are counted and told whatever becomes of
   * the transaction that the caller stands in.
   * @throws Unauthenticated MFA_INVALID for a wrong one, a used one, and any while there were too many wrong ones
   */
  async prove(orgId: string, userId: string, text: string): Promise<ProvedBy> {
    const isLast = await this.takeTry(orgId, userId);
    const by = await this.match(orgId, userId, text);
    if (by !== undefined) {
      await this.failures.forgive(orgId, userId);
      return by;
    }
    await this.noteWrong(orgId, userId, isLast);
    throw wrongCode();
  }

  /**
   * For what a password alone must not open, such as a new password: asks nothing of people without a second factor.
   * @throws Unauthenticated MFA_REQUIRED without a code, MFA_INVALID with a wrong one
   */
  async mustProve(orgId: string, userId: string, code: string | undefined): Promise<void> {
    if ((await this.confirmed(orgId, userId)).length === 0) return;
    if (code === undefined)
      throw new Unauthenticated('MFA_REQUIRED', 'This account has a second factor. Send its code along.');
    await this.prove(orgId, userId, code);
  }

  /** People whose role needs a second factor can do nothing but set it up. */
  async restrictionOf(orgId: string, userId: string): Promise<AccessToken['only']> {
    const needing = await this.rules.mfaRoles(orgId);
    if (needing.length === 0) return undefined;
    const user = await this.hub.use(people).byId(orgId, userId);
    const now = this.hub.now();
    const asked = { orgId, userId, sessionId: '', expiresAt: now, authenticatedAt: now };
    const { roles } = await this.hub.use(access).actorOf(user, asked);
    if (!roles.some((role) => needing.includes(role))) return undefined;
    return (await this.confirmed(orgId, userId)).length === 0 ? 'enrolment' : undefined;
  }

  /** In the caller's transaction: for somebody whose data is erased. */
  async forget(orgId: string, userId: string): Promise<void> {
    await FactorModel.destroy({ where: { orgId, userId } });
    await this.codes.forget(orgId, userId);
  }

  private confirmed(orgId: string, userId: string): Promise<FactorModel[]> {
    return FactorModel.findAll({ where: { orgId, userId, confirmedAt: { [Op.ne]: null } }, order: ['id'] });
  }

  private async takeTry(orgId: string, userId: string): Promise<boolean> {
    const standing = await this.failures.take(orgId, userId);
    if (standing === 'locked') throw wrongCode();
    return standing === 'last';
  }

  private async match(orgId: string, userId: string, text: string): Promise<ProvedBy | undefined> {
    const typed = readCode(text);
    if (typed?.kind === 'recovery-code')
      return (await this.codes.use(orgId, userId, typed.code)) ? 'recovery' : undefined;
    if (!typed) return undefined;
    const isStrict = await this.rules.isTotpStrict(orgId);
    for (const factor of await this.confirmed(orgId, userId))
      for (const step of stepsOf(typed.code, this.secretOf(factor), this.hub.now(), isStrict))
        if (await this.useStep(factor, step)) return 'otp';
    return undefined;
  }

  /** Of two that bring one code at once, the database lets one through. */
  private async useStep({ orgId, id }: FactorModel, step: number): Promise<boolean> {
    const [used] = await FactorModel.update(
      { lastUsedStep: step },
      {
        where: {
          orgId,
          id,
          confirmedAt: { [Op.ne]: null },
          lastUsedStep: { [Op.or]: [{ [Op.is]: null }, { [Op.lt]: step }] },
        },
      },
    );
    return used === 1;
  }

  private async noteWrong(orgId: string, userId: string, isLast: boolean): Promise<void> {
    await this.hub.transactApart(async (after) => {
      after.record({
        type: 'security_event',
        action: isLast ? 'factor.locked' : 'factor.refused',
        outcome: 'denied',
        severity: isLast ? 'warning' : 'notice',
        orgId,
        entity: { type: 'user', id: userId },
      });
      if (isLast) await this.alerts.tell(after, { orgId, userId, kind: 'factor-locked' });
    });
  }

  private secretOf({ secretCipher }: FactorModel): string {
    return this.hub.secrets.open('factors', secretCipher);
  }
}

const wrongCode = () => new Unauthenticated('MFA_INVALID', 'The code is wrong, was used, or is not valid any more.');
