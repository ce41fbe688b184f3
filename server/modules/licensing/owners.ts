import type { Permission } from '@loro/contracts/catalog';
import { type Actor, type After, allow, Forbidden, type Hub } from '../../platform';
import { people } from '../people';

/** Whose the organisation is: he alone buys, and he hears what his licence needs. */
export class Owners {
  constructor(private readonly hub: Hub) {}

  /** @throws Forbidden for everybody else, whatever his role holds */
  async must(actor: Actor, permission: Permission): Promise<void> {
    allow(actor, permission);
    const { ownerId } = await this.hub.use(people).organisationOf(actor.orgId);
    if (ownerId !== actor.userId) throw new Forbidden('FORBIDDEN', 'Only the owner may do this.');
  }

  /** In the caller’s transaction. */
  async write(orgId: string, after: After, { subject, text }: { subject: string; text: string }): Promise<void> {
    const { ownerId, name } = await this.hub.use(people).organisationOf(orgId);
    if (ownerId === null) return;
    const { email } = await this.hub.use(people).byId(orgId, ownerId);
    this.hub.mail.post(after, { to: email, subject: `${name}: ${subject}`.slice(0, 200), text });
  }
}
