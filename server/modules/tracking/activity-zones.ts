import { type Hub, Remembered } from '../../platform';
import { people } from '../people';

const FOR_MS = 60_000;
const MOST = 10_000;

/** Under whom the hub keeps what it measures of itself. */
export const HUB_ORG = '0'.repeat(26);

/** The zones by which organisations count their days. */
export class ActivityZones {
  private readonly zones: Remembered<string>;

  constructor(private readonly hub: Hub) {
    this.zones = new Remembered(FOR_MS, MOST, hub.now);
  }

  async of(orgId: string): Promise<string> {
    if (orgId === HUB_ORG) return 'UTC';
    const known = this.zones.get(orgId);
    if (known !== undefined) return known;
    const { timezone } = await this.hub.use(people).organisationOf(orgId);
    this.zones.set(orgId, timezone);
    return timezone;
  }
}
