import type { SignedIn } from '@loro/contracts/auth';
import type { Entering, OrganisationChoice } from '@loro/contracts/auth-sign-in';
import type { Organisation, User } from '@loro/contracts/people';
import type { z } from 'zod';
import { type Actor, allow, type Hub, NotFound, type PublicRequest } from '../../platform';
import { people } from '../people';
import type { Credentials } from './credentials';
import type { SecondStep } from './second-step.service';

/**
 * One person in several organisations. Each account's address was shown to be the person's, by an invitation or a
 * sign-up, so a fresh sign-in to one opens the others; a second factor of theirs is asked for all the same.
 */
export class Switching {
  constructor(
    private readonly hub: Hub,
    private readonly parts: { credentials: Credentials; secondStep: SecondStep },
  ) {}

  async organisations(actor: Actor): Promise<{ organisations: (OrganisationChoice & { current: boolean })[] }> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const homes = await this.homesOf(actor);
    return {
      organisations: homes.map(({ organisation: { id, slug, name } }) => ({ slug, name, current: id === actor.orgId })),
    };
  }

  async switch(
    actor: Actor,
    input: z.output<typeof Entering> & { organisation: string },
    request: PublicRequest,
  ): Promise<SignedIn> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const home = (await this.homesOf(actor)).find(({ organisation }) => organisation.slug === input.organisation);
    if (!home) throw new NotFound('This organisation');
    const { id: orgId } = home.organisation;
    const { id: userId } = home.user;
    const entered = await this.parts.secondStep.enter({ orgId, userId }, input, request);
    await this.hub.transact(async (after) =>
      after.record({
        type: 'security_event',
        action: 'sign-in.switched',
        orgId,
        entity: { type: 'user', id: userId },
        data: { isSignedIn: entered.status === 'signed-in' },
      }),
    );
    return entered;
  }

  /** Accounts of the address that a password would open now. */
  private async homesOf({ orgId, userId }: Actor): Promise<{ user: User; organisation: Organisation }[]> {
    const { email, kind } = await this.hub.use(people).byId(orgId, userId);
    if (kind === 'service') return [];
    const open = [];
    for (const home of await this.hub.use(people).byEmail(email)) {
      const { user, organisation } = home;
      const credential = await this.parts.credentials.of(organisation.id, user.id);
      const isOpen = credential !== null && !credential.mustChange && credential.lockedAt === null;
      if (isOpen && this.hub.use(people).maySignIn(user, organisation)) open.push(home);
    }
    return open;
  }
}
