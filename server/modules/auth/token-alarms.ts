import jwt from 'jsonwebtoken';
import { type Hub } from '../../platform';
import { people } from '../people';

const MINUTE_MS = 60_000;
const AN_ORGANISATION = 10;
const A_NODE = 60;

/**
 * Tells the journal of tokens that somebody forged, so often that it is noticed and no more often than a journal bears.
 * What such a token says is no proof of anything; its organisation's journal is merely where it belongs.
 */
export class TokenAlarms {
  private until = 0;
  private raised = 0;
  private byOrganisation = new Map<string, number>();

  constructor(private readonly hub: Hub) {}

  /** Waited for, because whose call it was is only known as long as it lasts. */
  async raise(text: string, reason: string): Promise<void> {
    if (!this.takeForNode()) return;
    const orgId = claimedOrganisation(text);
    const told = this.byOrganisation.get(orgId ?? '') ?? 0;
    if (told >= AN_ORGANISATION) return;
    this.byOrganisation.set(orgId ?? '', told + 1);
    this.hub.log.warn({ reason }, 'an access token was refused as forged');
    if (orgId === undefined) return;
    await this.record(orgId, reason).catch((error: unknown) =>
      this.hub.log.warn({ err: error }, 'a forged token could not be noted'),
    );
  }

  private takeForNode(): boolean {
    const now = performance.now();
    if (now >= this.until) {
      this.until = now + MINUTE_MS;
      this.raised = 0;
      this.byOrganisation = new Map();
    }
    this.raised += 1;
    return this.raised <= A_NODE;
  }

  private async record(orgId: string, reason: string): Promise<void> {
    await this.hub.use(people).organisationOf(orgId);
    await this.hub.transact(async (after) =>
      after.record({
        type: 'security_event',
        action: 'token.refused',
        outcome: 'denied',
        severity: 'warning',
        orgId,
        data: { reason: reason.slice(0, 120) },
      }),
    );
  }
}

function claimedOrganisation(text: string): string | undefined {
  try {
    const claims = jwt.decode(text);
    const org: unknown = typeof claims === 'object' && claims !== null ? claims['org'] : undefined;
    return typeof org === 'string' && org.length === 26 ? org : undefined;
  } catch {
    return undefined;
  }
}
