import type { SignedIn, SignIn } from '@loro/contracts/auth';
import type { Organisation, User } from '@loro/contracts/people';
import type { z } from 'zod';
import { type Hub, type PublicRequest, Unauthenticated } from '../../platform';
import { people } from '../people';
import type { Attempts, Tried } from './attempts.service';
import type { Refusal } from './auth.mails';
import type { CredentialModel } from './credential.model';
import type { Credentials } from './credentials';
import type { Passwords } from './passwords';
import type { SecondStep } from './second-step.service';
import type { SignInLimits } from './sign-in-limits';

// One address in more organisations than this is looked up no further, so that a guess costs a bounded time.
const ORGANISATIONS_AN_ADDRESS = 5;

type Input = z.output<typeof SignIn>;

interface Candidate {
  readonly user: User;
  readonly organisation: Organisation;
}
type Judged = Tried & { readonly credential: CredentialModel | null };

interface Parts {
  readonly limits: SignInLimits;
  readonly passwords: Passwords;
  readonly credentials: Credentials;
  readonly attempts: Attempts;
  readonly secondStep: SecondStep;
}

/** Coming in by address and password: throttle, hash, the account's standing, second factor, session. */
export class SignIns {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  /** Unknown address, wrong password and an account that may not be used get one answer, in one time. */
  async signIn(input: Input, request: PublicRequest): Promise<SignedIn> {
    const { limits } = this.parts;
    const attempt = await limits.take(input.email, request.ip);
    const judged = await this.judge(input, request).catch(async (error: unknown) => {
      await attempt.giveBack();
      throw error;
    });
    const open = judged.filter(({ outcome }) => outcome === 'success');
    if (open.length === 0) return this.refuse(judged, input, request);
    await attempt.forgive();
    return this.enter(open, input, request);
  }

  private async judge(input: Input, request: PublicRequest): Promise<Judged[]> {
    const known = await this.hub.use(people).byEmail(input.email);
    const candidates = known
      .filter(({ organisation: { slug } }) => input.organisation === undefined || slug === input.organisation)
      .slice(0, ORGANISATIONS_AN_ADDRESS);
    const judged: Judged[] = [];
    for (const candidate of candidates) {
      const credential = await this.parts.credentials.of(candidate.organisation.id, candidate.user.id);
      const matches = await this.parts.passwords.verify(input.password, credential?.passwordHash ?? null);
      const refusal = matches ? await this.refusalOf(candidate, credential, input, request) : undefined;
      const verdict = !matches
        ? ({ outcome: 'failure', reason: 'password' } as const)
        : refusal
          ? ({ outcome: 'denied', reason: refusal } as const)
          : ({ outcome: 'success', reason: 'signed-in' } as const);
      judged.push({ ...candidate, credential, ...verdict });
    }
    if (candidates.length === 0) await this.parts.passwords.verify(input.password, null);
    return judged;
  }

  /** Why a right password opens nothing. */
  private async refusalOf(
    { user, organisation }: Candidate,
    credential: CredentialModel | null,
    input: Input,
    request: PublicRequest,
  ): Promise<Refusal | undefined> {
    if (user.status === 'pending_verification') return 'pending-verification';
    if (user.status !== 'active') return user.status;
    if (organisation.status === 'suspended') return 'organisation-suspended';
    // The owner may come in to open it again.
    if (organisation.status === 'closed' && organisation.ownerId !== user.id) return 'organisation-closed';
    if (!(await this.hub.ports.mayEnter(organisation.id, request.ip))) return 'elsewhere';
    if (credential?.mustChange) return 'must-change';
    if (!credential?.lockedAt) return undefined;
    const person = { orgId: organisation.id, userId: user.id };
    // Whoever guesses must not be able to keep the owner out.
    return (await this.parts.secondStep.trusts(person, input, request)) ? undefined : 'locked';
  }

  private async refuse(judged: readonly Judged[], { email }: Input, request: PublicRequest): Promise<never> {
    const { attempts, limits } = this.parts;
    for (const tried of judged)
      if (tried.outcome === 'denied' && isRefusal(tried.reason)) await attempts.refused(tried, tried.reason);
    await attempts.note(limits.accountKey(email), judged, request);
    for (const tried of judged)
      if (tried.outcome === 'failure') await attempts.wrong(tried, tried.credential?.failuresSince ?? null);
    throw new Unauthenticated('INVALID_CREDENTIALS', 'The e-mail address or the password is wrong.');
  }

  private async enter(open: readonly Judged[], input: Input, request: PublicRequest): Promise<SignedIn> {
    const { attempts, limits, secondStep, credentials } = this.parts;
    const accountKey = limits.accountKey(input.email);
    const [first, ...others] = open;
    if (!first || others.length > 0) {
      const choosing = open.map((one) => ({ ...one, reason: 'choose-organisation' as const }));
      await attempts.note(accountKey, choosing, request);
      return {
        status: 'choose-organisation',
        organisations: open.map(({ organisation: { slug, name } }) => ({ slug, name })),
      };
    }
    if (first.credential) await credentials.renew(first.credential, input.password);
    const person = { orgId: first.organisation.id, userId: first.user.id };
    const entered = await secondStep.enter(person, input, request);
    await attempts.note(
      accountKey,
      [{ ...first, reason: entered.status === 'second-factor' ? 'second-factor' : 'signed-in' }],
      request,
    );
    return entered;
  }
}

const isRefusal = (reason: Tried['reason']): reason is Refusal =>
  !['signed-in', 'second-factor', 'choose-organisation', 'password'].includes(reason);
