import type { Session } from '../session';
import type { Member, Scope } from './roll';

/** How long somebody may be away before others are told. */
const GRACE_MS = 15_000;

/** A person on one device at this node, in one scope. */
export interface Local extends Member, Scope {
  /** Connections of this device that are open here. */
  open: number;
  /** When the grace runs out; null while a connection is open. */
  leavesAt: number | null;
  /** The roll knows. */
  isEntered: boolean;
}

/** Those who are connected to this node, and those who left it just now. */
export class Members {
  private readonly all = new Map<string, Local>();
  private readonly bySession = new Map<Session, Local>();
  private readonly gone = new Set<Local>();

  constructor(private readonly now: () => Date) {}

  get size(): number {
    return this.all.size;
  }

  opened(session: Session): void {
    const { orgId, userId, name, sessionId, homeBranchId } = session.actor;
    // Without a branch there is nobody who could ask.
    if (homeBranchId === null) return;
    const key = [orgId, homeBranchId, userId, sessionId].join(':');
    let local = this.all.get(key);
    if (!local) {
      local = {
        orgId,
        branchId: homeBranchId,
        userId,
        name,
        device: sessionId,
        open: 0,
        leavesAt: null,
        isEntered: false,
      };
      this.all.set(key, local);
    }
    local.open += 1;
    local.leavesAt = null;
    this.bySession.set(session, local);
  }

  /** Whoever was moved to another branch leaves the old one without grace. */
  follow(): void {
    for (const [session, { branchId }] of [...this.bySession]) {
      if (session.actor.homeBranchId === branchId) continue;
      this.close(session, 0);
      this.opened(session);
    }
  }

  closed(session: Session): void {
    this.close(session, GRACE_MS);
  }

  /** Who is not on the roll yet. */
  arrivals(): Local[] {
    return [...this.all.values()].filter(({ isEntered, open }) => !isEntered && open > 0);
  }

  /** Who is to be taken off the roll; stays here until `tookLeave`. */
  departures(): Local[] {
    const now = this.now().getTime();
    for (const [key, local] of this.all) {
      if (local.leavesAt === null || local.leavesAt > now) continue;
      this.all.delete(key);
      if (local.isEntered) this.gone.add(local);
    }
    return [...this.gone];
  }

  tookLeave(locals: readonly Local[]): void {
    for (const local of locals) this.gone.delete(local);
  }

  /** The roll has lost this node: everybody enters again, and those who left have left. */
  startOver(): void {
    for (const local of this.all.values()) local.isEntered = false;
    this.gone.clear();
  }

  of({ orgId, branchId }: Scope): Local[] {
    return [...this.all.values()].filter((local) => local.orgId === orgId && local.branchId === branchId);
  }

  connected(): Local[] {
    return [...this.all.values()].filter(({ open }) => open > 0);
  }

  private close(session: Session, graceMs: number): void {
    const local = this.bySession.get(session);
    if (!local) return;
    this.bySession.delete(session);
    local.open -= 1;
    if (local.open === 0) local.leavesAt = this.now().getTime() + graceMs;
  }
}
