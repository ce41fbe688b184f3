import type { SignedIn } from '@loro/contracts/auth';
import type { SetUp, VerifiedSignUp } from '@loro/contracts/auth-flows';
import type { Organisation, User } from '@loro/contracts/people';
import type { z } from 'zod';
import { type After, type Hub, type PublicRequest } from '../../platform';
import { people } from '../people';
import type { ActionTokenModel } from './action-token.model';
import { type ActionTokens, usedOrExpired } from './action-tokens.store';
import { signUpLetter } from './auth.mails';
import type { Credentials } from './credentials';
import { linkTo } from './links';
import type { PasswordRules } from './password-rules';
import type { Passwords } from './passwords';
import type { SecondStep } from './second-step.service';
import { SignUpModel } from './sign-up.model';

type Input = z.output<typeof SetUp>;

interface Home {
  readonly user: User;
  readonly organisation: Organisation;
}

interface Parts {
  readonly tokens: ActionTokens;
  readonly passwords: Passwords;
  readonly credentials: Credentials;
  readonly passwordRules: PasswordRules;
  readonly secondStep: SecondStep;
}

/** From an address to an account: show that it is yours, set a password, found an organisation or join one. */
export class SignUps {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  /** As a worker does it: a link for whoever asked, and what was mailed before opens nothing any more. */
  async mail(email: string, from: { id: string; ip: string }): Promise<void> {
    const { tokens } = this.parts;
    const known = (await this.homesOf(email)).filter(({ user }) => user.status === 'active');
    await this.hub.transact(async (after) => {
      if (await tokens.wereMadeBy(from.id)) return;
      await SignUpModel.upsert({ email, state: 'pending-email', createdAt: this.hub.now(), verifiedAt: null });
      await tokens.void(['set-up'], { email });
      const { token } = await tokens.make({ purpose: 'verify-email', email, cause: from.id, ip: from.ip });
      const names = known.map(({ organisation: { name } }) => name);
      this.hub.mail.post(after, { to: email, ...signUpLetter(linkTo(this.hub, 'sign-up', token), names) });
    });
  }

  /** Whether somebody of this address is on the way. */
  async isUnderWay(email: string): Promise<boolean> {
    return (await SignUpModel.findByPk(email)) !== null;
  }

  async verify(token: string): Promise<VerifiedSignUp> {
    const { tokens } = this.parts;
    const link = await tokens.look(token, ['verify-email']);
    // The same kind of link confirms the address of an account that is there already, and begins none.
    if (link.userId !== null) throw usedOrExpired();
    const { email } = link;
    const setUp = await this.hub.transact(async () => {
      await tokens.use(link);
      const verified = { state: 'verified' as const, verifiedAt: this.hub.now() };
      const [found] = await SignUpModel.update(verified, { where: { email } });
      if (found === 0) throw usedOrExpired();
      return tokens.make({ purpose: 'set-up', email });
    });
    const invitations = (await this.invitedTo(email)).map(({ organisation: { slug, name } }) => ({ slug, name }));
    return { email, setupToken: setUp.token, expiresAt: setUp.expiresAt.toISOString(), invitations };
  }

  async setUp(input: Input, request: PublicRequest): Promise<SignedIn> {
    const { tokens, passwords, passwordRules, credentials, secondStep } = this.parts;
    const { password, organisation } = input;
    const step = await tokens.look(input.setupToken, ['set-up']);
    const joined = organisation ? undefined : await this.mustBeInvitedTo(step.email, input.join);
    if (joined) await this.mustHaveRoom(joined);
    const owner = { email: step.email, orgId: joined?.organisation.id, organisation: organisation?.name };
    await passwordRules.mustBeGood(password, owner, 'password');
    const passwordHash = await passwords.hash(password);
    const person = await this.hub.transact(async (after) => {
      await tokens.use(step);
      await SignUpModel.destroy({ where: { email: step.email } });
      const account = await this.account(input, { step, joined }, after);
      await credentials.set(account.orgId, account.userId, passwordHash);
      after.record({
        type: 'security_event',
        action: 'sign-up.finished',
        orgId: account.orgId,
        entity: { type: 'user', id: account.userId },
        data: { how: joined ? 'joined' : 'founded' },
      });
      return account;
    });
    return secondStep.enter(person, input, request);
  }

  /** In the caller's transaction. */
  private async account(
    { name, organisation }: Input,
    { step, joined }: { step: ActionTokenModel; joined: Home | undefined },
    after: After,
  ): Promise<{ orgId: string; userId: string }> {
    if (joined) {
      const at = { orgId: joined.organisation.id, userId: joined.user.id };
      await this.hub.use(people).activate(at.orgId, at.userId, after, name);
      await this.parts.tokens.void(['invite'], at);
      return at;
    }
    // The contract wants one of the two.
    if (!organisation) throw usedOrExpired();
    const owner = { email: step.email, name, status: 'active' } as const;
    const founded = await this.hub.use(people).found(organisation, owner, after);
    return { orgId: founded.organisation.id, userId: founded.owner.id };
  }

  private async mustBeInvitedTo(email: string, slug: string | undefined): Promise<Home> {
    const home = (await this.invitedTo(email)).find(({ organisation }) => organisation.slug === slug);
    if (!home) throw usedOrExpired();
    return home;
  }

  /** Before the invitation is used up: it waits for the licence too. */
  private async mustHaveRoom({ user, organisation }: Home): Promise<void> {
    const refusal = await this.parts.secondStep.refusalOf({ orgId: organisation.id, userId: user.id });
    if (refusal) throw refusal;
  }

  private async invitedTo(email: string): Promise<Home[]> {
    return (await this.homesOf(email)).filter(
      ({ user, organisation: { status } }) => user.status === 'invited' && (status === 'trial' || status === 'active'),
    );
  }

  private homesOf(email: string): Promise<Home[]> {
    return this.hub.use(people).byEmail(email);
  }
}
