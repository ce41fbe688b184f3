import { type Hub, Remembered } from '../../platform';
import type { Standing } from './admission.policy';
import type { Deadlines } from './deadlines';

/** Who takes a licence away says so at once; this bounds what a lost word, or a database that is away, may cost. */
const KEPT_MS = 5_000;
const KEPT = 20_000;

/** Asks the licensing room. */
export type StandingOf = (orgId: string) => Promise<Standing>;

/** What every organisation's licence gives, remembered so that a call need not wait for it. */
export class Standings {
  private readonly known: Remembered<Standing>;
  private readonly asking = new Map<string, Promise<Standing>>();
  /** Counts what was forgotten: what was asked before must not be remembered after. */
  private forgotten = 0;

  constructor(
    private readonly hub: Hub,
    private readonly deadlines: Deadlines,
    private readonly source: StandingOf,
  ) {
    this.known = new Remembered(KEPT_MS, KEPT, hub.now);
  }

  /** The standing, where it is known to be so now. */
  now(orgId: string): Standing | undefined {
    const standing = this.known.get(orgId);
    return standing && (standing.changesAt === null || standing.changesAt > this.hub.now()) ? standing : undefined;
  }

  of(orgId: string): Standing | Promise<Standing> {
    const known = this.now(orgId);
    if (known) return known;
    // One question, however many calls wait for its answer.
    let asking = this.asking.get(orgId);
    if (!asking) {
      asking = this.ask(orgId).finally(() => this.asking.delete(orgId));
      this.asking.set(orgId, asking);
    }
    return asking;
  }

  forget(orgId: string): void {
    this.forgotten += 1;
    this.known.delete(orgId);
    this.asking.delete(orgId);
  }

  private async ask(orgId: string): Promise<Standing> {
    const { forgotten } = this;
    const standing = await this.source(orgId);
    if (forgotten === this.forgotten) {
      this.known.set(orgId, standing);
      this.deadlines.set(orgId, null, standing.changesAt);
    }
    return standing;
  }
}
