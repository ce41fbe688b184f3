import { type AccessToken, type Actor, type Hub, HubError } from '../../platform';
import { access } from '../access';
import { licensing } from '../licensing';
import { people } from '../people';

/** So long after the licence lapsed may still be handed in what was recorded before. */
const OFFLINE_MS = 72 * 3_600_000;

/** How a token is narrowed, and until when it counts at most. */
export interface Narrowed {
  readonly only?: AccessToken['only'];
  readonly until?: Date;
}

/** Neither is there while the licence works. */
interface Verdict {
  readonly refusal?: HubError;
  readonly narrowed?: Narrowed;
}

/** What an organisation’s licence leaves of a sign-in. */
export class LicenseGate {
  constructor(private readonly hub: Hub) {}

  /** Why somebody may not come in: the licence lapsed, and somebody else renews it. */
  async refusalToEnter(orgId: string, userId: string): Promise<HubError | undefined> {
    return (await this.judge(orgId, userId)).refusal;
  }

  /** Why a session that is there may not go on, not even to hand in what was recorded offline. */
  async refusalToGoOn(orgId: string, userId: string): Promise<HubError | undefined> {
    const { refusal, narrowed } = await this.judge(orgId, userId);
    return narrowed ? undefined : refusal;
  }

  /** @throws HubError 402 for whoever gets no token at all */
  async narrowed(orgId: string, userId: string): Promise<Narrowed> {
    const { refusal, narrowed = {} } = await this.judge(orgId, userId);
    if (refusal && narrowed.only === undefined) throw refusal;
    return narrowed;
  }

  private async judge(orgId: string, userId: string): Promise<Verdict> {
    const user = await this.hub.use(people).byId(orgId, userId);
    const now = this.hub.now();
    const asked = { orgId, userId, sessionId: '', expiresAt: now, authenticatedAt: now };
    const actor = await this.hub.use(access).actorOf(user, asked);
    try {
      // The one evaluator answers here too, as to a call that demands nothing but a licence that works.
      await this.hub.ports.admit(actor, asked, {});
      return {};
    } catch (error) {
      if (!(error instanceof HubError) || error.status !== 402) throw error;
      if (maySettle(actor)) return { narrowed: { only: 'billing' } };
      const until = await this.handInUntil(orgId);
      return until > now ? { refusal: error, narrowed: { only: 'offline-upload', until } } : { refusal: error };
    }
  }

  private async handInUntil(orgId: string): Promise<Date> {
    const { state, lapsedAt } = await this.hub.use(licensing).licenseOf(orgId);
    return new Date(state === 'expired' && lapsedAt ? lapsedAt.getTime() + OFFLINE_MS : 0);
  }
}

/** Who can renew the licence comes in for that alone. */
const maySettle = ({ grants }: Actor): boolean => grants.has('organisation.update');
