import type { SignedIn } from '@loro/contracts/auth';
import type { AcceptInvite } from '@loro/contracts/auth-flows';
import type { User } from '@loro/contracts/people';
import type { Invitation } from '@loro/contracts/people-users';
import type { z } from 'zod';
import { type Actor, type After, Conflict, type Hub, type PublicRequest } from '../../platform';
import { type Invited, people } from '../people';
import { type ActionTokens, usedOrExpired } from './action-tokens.store';
import { inviteLetter } from './auth.mails';
import type { Credentials } from './credentials';
import { linkTo } from './links';
import type { PasswordRules } from './password-rules';
import type { Passwords } from './passwords';
import type { SecondStep } from './second-step.service';

interface Parts {
  readonly tokens: ActionTokens;
  readonly passwords: Passwords;
  readonly credentials: Credentials;
  readonly passwordRules: PasswordRules;
  readonly secondStep: SecondStep;
}

/** The link of an invitation, and what it opens. */
export class Invitations {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  invite(actor: Actor, input: z.output<typeof Invitation>): Promise<User> {
    return this.hub.use(people).invitations.invite(actor, input);
  }

  /** The link ends with the account that waits for it. */
  async withdraw(actor: Actor, userId: string): Promise<void> {
    const { status } = await this.hub.use(people).byId(actor.orgId, userId);
    if (status !== 'invited') throw new Conflict('USER_STATE_INVALID', 'There is no open invitation of this person.');
    await this.hub.use(people).standing.deactivate(actor, userId);
  }

  /** In the transaction that invites: the mail leaves if and only if the account is there. */
  async mail(invited: readonly Invited[], after: After): Promise<void> {
    const [first] = invited;
    if (!first) return;
    const { orgId } = first.user;
    const { name: organisation } = await this.hub.use(people).organisationOf(orgId);
    const inviters = [...new Set(invited.flatMap(({ invitedBy }) => invitedBy ?? []))];
    const names = await this.hub.use(people).namesOf(orgId, inviters);
    const tokens = await this.parts.tokens.makeAll(
      'invite',
      orgId,
      invited.map(({ user }) => user),
    );
    for (const { user, invitedBy } of invited) {
      const token = tokens.get(user.id) ?? '';
      const words = { name: user.name, organisation, by: names.get(invitedBy ?? '') };
      this.hub.mail.post(after, { to: user.email, ...inviteLetter(linkTo(this.hub, 'invite', token), words) });
    }
  }

  async accept(input: z.output<typeof AcceptInvite>, request: PublicRequest): Promise<SignedIn> {
    const { tokens, passwords, passwordRules, credentials, secondStep } = this.parts;
    const link = await tokens.look(input.token, ['invite']);
    const { orgId, userId, email } = link;
    if (orgId === null || userId === null) throw usedOrExpired();
    await this.mustWait(orgId, userId);
    // Before the invitation is used up: it waits for the licence too.
    const refusal = await secondStep.refusalOf({ orgId, userId });
    if (refusal) throw refusal;
    await passwordRules.mustBeGood(input.password, { email, orgId }, 'password');
    const passwordHash = await passwords.hash(input.password);
    await this.hub.transact(async (after) => {
      await tokens.use(link);
      await this.hub.use(people).activate(orgId, userId, after, input.name);
      await credentials.set(orgId, userId, passwordHash);
      after.record({
        type: 'security_event',
        action: 'invitation.accepted',
        orgId,
        entity: { type: 'user', id: userId },
      });
    });
    return secondStep.enter({ orgId, userId }, input, request);
  }

  /** A link to somebody who was suspended or whose organisation is closed meanwhile opens nothing. */
  private async mustWait(orgId: string, userId: string): Promise<void> {
    const [user, organisation] = await Promise.all([
      this.hub.use(people).byId(orgId, userId),
      this.hub.use(people).organisationOf(orgId),
    ]);
    const isOpen = organisation.status === 'trial' || organisation.status === 'active';
    if (user.status !== 'invited' || !isOpen) throw usedOrExpired();
  }
}
