import { type Hub, NotFound, Remembered } from '../../platform';
import { people } from '../people';

const FOR_MS = 30_000;
const MOST = 50_000;

/** Where people belong, remembered for a moment: what every permission here is asked about. */
export class ActivityPlaces {
  private readonly homes: Remembered<{ readonly branchId: string | null }>;
  private readonly branches: Remembered<true>;

  constructor(private readonly hub: Hub) {
    this.homes = new Remembered(FOR_MS, MOST, hub.now);
    this.branches = new Remembered(FOR_MS, MOST, hub.now);
  }

  /** @throws NotFound for nobody of the organisation */
  async homeOf(orgId: string, userId: string): Promise<string | null> {
    const known = this.homes.get(orgId + userId);
    if (known) return known.branchId;
    const { homeBranchId: branchId } = await this.hub.use(people).byId(orgId, userId);
    this.homes.set(orgId + userId, { branchId });
    return branchId;
  }

  async hasUser(orgId: string, userId: string): Promise<boolean> {
    return this.homeOf(orgId, userId).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NotFound) return false;
        throw error;
      },
    );
  }

  async hasBranch(orgId: string, branchId: string): Promise<boolean> {
    if (this.branches.get(orgId + branchId)) return true;
    const has = await this.hub.ports.hasBranch(orgId, branchId);
    if (has) this.branches.set(orgId + branchId, true);
    return has;
  }

  /** What a permission about somebody is asked with. @throws NotFound */
  async thingOf(orgId: string, userId: string): Promise<{ userId: string; branchId: string | null; what: string }> {
    return { userId, branchId: await this.homeOf(orgId, userId), what: 'This person' };
  }
}
