import type { FactorVerified, VerifyFactor } from '@loro/contracts/auth-factors';
import type { SignedIn } from '@loro/contracts/auth';
import type { Entering } from '@loro/contracts/auth-sign-in';
import { literal, Op } from 'sequelize';
import { z } from 'zod';
import { type Hub, type HubError, type PublicRequest, TooMany, Unauthenticated } from '../../platform';
import { people } from '../people';
import { newBearer, sha256 } from './bearer';
import { cookies, intoCookie, keepDevice, keepTrusted } from './cookies';
import { FactorChallengeModel } from './factor-challenge.model';
import type { FactorRecoveries } from './factor-recoveries.store';
import type { Factors } from './factors.service';
import type { Sessions } from './sessions.service';
import type { TrustedDevices } from './trusted-devices.service';

const LIFE_MS = 5 * 60_000;
const TRIES = 5;

/** What the session will be opened with, kept for as long as the second step takes. */
const Opening = z.object({
  name: z.string(),
  ip: z.string(),
  id: z.string().optional(),
  userAgent: z.string(),
  kind: z.enum(['web', 'mobile']),
});
type Opening = z.infer<typeof Opening>;

interface Person {
  readonly orgId: string;
  readonly userId: string;
}

/** From a right password to a session, with a second step in between where there is a second factor. */
export class SecondStep {
  constructor(
    private readonly hub: Hub,
    private readonly parts: {
      sessions: Sessions;
      factors: Factors;
      devices: TrustedDevices;
      recoveries: FactorRecoveries;
    },
  ) {}

  /** The password was right. */
  async enter({ orgId, userId }: Person, input: z.output<typeof Entering>, request: PublicRequest): Promise<SignedIn> {
    const opening = openingOf(input, request);
    if (opening.kind === 'web') cookies.mustBeOurs(request);
    const refusal = await this.refusalOf({ orgId, userId });
    if (refusal) throw refusal;
    const methods = await this.parts.factors.methodsOf(orgId, userId);
    const isTrusted = methods.length > 0 && (await this.trusts({ orgId, userId }, input, request));
    if (methods.length > 0 && !isTrusted) {
      const { challengeId, expiresAt } = await this.challenge({ orgId, userId }, opening);
      return { status: 'second-factor', challengeId, expiresAt: expiresAt.toISOString(), methods };
    }
    const issued = await this.parts.sessions.open(orgId, userId, opening, isTrusted ? ['pwd', 'device'] : ['pwd']);
    request.noteLicense(orgId);
    if (opening.kind === 'mobile') return issued;
    keepDevice(opening.id, request);
    return intoCookie(issued, request);
  }

  /** Why even a right proof opens nothing: the licence lapsed. */
  refusalOf(person: Person): Promise<HubError | undefined> {
    return this.parts.sessions.refusalToEnter(person);
  }

  /** Whether the person gave a second factor on this device, not long ago. */
  trusts({ orgId, userId }: Person, input: z.output<typeof Entering>, request: PublicRequest): Promise<boolean> {
    const token = input.trustedDevice ?? (input.cookie ? cookies.trusted(request) : undefined);
    return this.parts.devices.isTrusted(orgId, userId, token);
  }

  async verify(input: z.output<typeof VerifyFactor>, request: PublicRequest): Promise<FactorVerified> {
    const tokenSha256 = sha256(input.challengeId);
    const { orgId, userId, opening: text } = await this.take(tokenSha256);
    const opening = Opening.parse(JSON.parse(text));
    if (opening.kind === 'web') cookies.mustBeOurs(request);
    const by = await this.parts.factors.prove(orgId, userId, input.code);
    const { status } = await this.hub.use(people).byId(orgId, userId);
    if (status !== 'active') throw ended();
    const { issued, trustedDevice } = await this.hub.transact(async () => {
      const [used] = await FactorChallengeModel.update(
        { usedAt: this.hub.now() },
        { where: { tokenSha256, usedAt: null } },
      );
      if (used === 0) throw ended();
      // Whoever has the factor has not lost it.
      await this.parts.recoveries.stop(orgId, userId);
      return {
        issued: await this.parts.sessions.open(orgId, userId, { ...opening, ip: request.ip }, ['pwd', by]),
        trustedDevice: input.trustDevice ? await this.parts.devices.trust(orgId, userId, opening.name) : undefined,
      };
    });
    request.noteLicense(orgId);
    if (opening.kind === 'mobile') return { ...issued, ...(trustedDevice !== undefined && { trustedDevice }) };
    keepDevice(opening.id, request);
    if (trustedDevice !== undefined) keepTrusted(trustedDevice, request);
    return intoCookie(issued, request);
  }

  /** Whose second step this is, without taking a try of it. @throws Unauthenticated MFA_CHALLENGE_ENDED */
  async whose(challengeId: string): Promise<Person> {
    const challenge = await FactorChallengeModel.findOne({
      where: { tokenSha256: sha256(challengeId), usedAt: null, expiresAt: { [Op.gt]: this.hub.now() } },
    });
    if (!challenge) throw ended();
    return { orgId: challenge.orgId, userId: challenge.userId };
  }

  /** Opens the session that waits for a second step, by another proof; `within` runs in the same transaction. */
  async enterOtherwise(
    challengeId: string,
    how: string,
    request: PublicRequest,
    within: () => Promise<void>,
  ): Promise<FactorVerified> {
    const tokenSha256 = sha256(challengeId);
    const { orgId, userId, opening: text } = await this.take(tokenSha256);
    const opening = Opening.parse(JSON.parse(text));
    if (opening.kind === 'web') cookies.mustBeOurs(request);
    const issued = await this.hub.transact(async () => {
      const [used] = await FactorChallengeModel.update(
        { usedAt: this.hub.now() },
        { where: { tokenSha256, usedAt: null } },
      );
      if (used === 0) throw ended();
      await within();
      return this.parts.sessions.open(orgId, userId, { ...opening, ip: request.ip }, ['pwd', how]);
    });
    request.noteLicense(orgId);
    if (opening.kind === 'mobile') return issued;
    keepDevice(opening.id, request);
    return intoCookie(issued, request);
  }

  private async challenge(
    { orgId, userId }: Person,
    opening: Opening,
  ): Promise<{ challengeId: string; expiresAt: Date }> {
    const challengeId = newBearer();
    const expiresAt = new Date(this.hub.now().getTime() + LIFE_MS);
    await FactorChallengeModel.create({
      tokenSha256: sha256(challengeId),
      orgId,
      userId,
      opening: JSON.stringify(opening),
      expiresAt,
      tries: 0,
      usedAt: null,
    });
    return { challengeId, expiresAt };
  }

  /** Takes one of the five tries, of which no two that come at once are the same. */
  private async take(tokenSha256: string): Promise<FactorChallengeModel> {
    const now = this.hub.now();
    const where = { tokenSha256, usedAt: null, expiresAt: { [Op.gt]: now } };
    const [taken] = await FactorChallengeModel.update(
      { tries: literal('tries + 1') },
      { where: { ...where, tries: { [Op.lt]: TRIES } } },
    );
    const challenge = await FactorChallengeModel.findOne({ where });
    if (!challenge) throw ended();
    if (taken === 0) throw new TooMany(challenge.expiresAt.getTime() - now.getTime());
    return challenge;
  }
}

function openingOf(input: z.output<typeof Entering>, { ip, userAgent }: PublicRequest): Opening {
  return {
    name: input.deviceName ?? (userAgent.slice(0, 120) || 'unknown'),
    ip,
    userAgent,
    kind: input.cookie ? 'web' : 'mobile',
    ...(input.deviceId !== undefined && { id: input.deviceId }),
  };
}

const ended = () => new Unauthenticated('MFA_CHALLENGE_ENDED', 'The second step is over. Sign in again.');
