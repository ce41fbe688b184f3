import type { Session } from '../session';
import type { Member, Scope } from './roll';

/** How long somebody may be away before others are told. */
const GRACE_MS = 15_000;

/**
 * A person on one device at this node, in one scope. A class, because V8 gives objects made by spreading a shape each,
 * which is half a kibibyte a connection.
 */
export class Local implements Member, Scope {
  /** Connections of this device that are open here. */
  open = 0;
  /** When the grace runs out, once no connection is open. */
  leavesAt = 0;
  /** The roll knows. */
  isEntered = false;

  constructor(
    readonly orgId: string,
    readonly branchId: string,
    readonly userId: string,
    readonly device: string,
    readonly name: string,
  ) {}
}

/** Those who are connected to this node, and those who left it just now. */
export class Members {
  private readonly all = new Map<string, Local>();
  private readonly bySession = new Map<Session, Local>();
  /** Without an open connection, within the grace. */
  private readonly away = new Map<string, Local>();
  /** Not on the roll yet, and to be taken off it; few at any time, so that a look at them costs little. */
  private readonly fresh = new Set<Local>();
  private readonly gone = new Set<Local>();

  constructor(private readonly now: () => Date) {}

  get size(): number {
    return this.all.size;
  }

  opened(session: Session): void {
    const { orgId, userId, name, sessionId, homeBranchId } = session.actor;
    // Without a branch there is nobody who could ask.
    if (homeBranchId === null) return;
    const key = keyOf({ branchId: homeBranchId, device: sessionId });
    let local = this.all.get(key);
    if (!local) {
      local = new Local(orgId, homeBranchId, userId, sessionId, name);
      this.all.set(key, local);
      this.fresh.add(local);
    }
    local.open += 1;
    this.away.delete(key);
    this.bySession.set(session, local);
  }

  closed(session: Session): void {
    this.close(session, GRACE_MS);
  }

  /** Whoever was moved to another branch leaves the old one without grace. */
  follow(): void {
    for (const [session, { branchId }] of this.bySession) {
      if (session.actor.homeBranchId === branchId) continue;
      this.close(session, 0);
      this.opened(session);
    }
  }

  arrivals(): Local[] {
    return [...this.fresh];
  }

  entered(locals: readonly Local[]): void {
    for (const local of locals) {
      local.isEntered = true;
      this.fresh.delete(local);
    }
  }

  /** Who is to be taken off the roll; asked for again until `tookLeave`. */
  departures(): Local[] {
    const now = this.now().getTime();
    for (const [key, local] of this.away) {
      if (local.leavesAt > now) continue;
      this.away.delete(key);
      this.all.delete(key);
      this.fresh.delete(local);
      if (local.isEntered) this.gone.add(local);
    }
    return [...this.gone];
  }

  tookLeave(locals: readonly Local[]): void {
    for (const local of locals) this.gone.delete(local);
  }

  /** The roll has lost this node: everybody enters again, and those who left have left. */
  startOver(): void {
    for (const local of this.all.values()) {
      local.isEntered = false;
      this.fresh.add(local);
    }
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
    if (local.open > 0) return;
    local.leavesAt = this.now().getTime() + graceMs;
    this.away.set(keyOf(local), local);
  }
}

/** A device is one sign-in of one person, so its id says of whom and where. */
const keyOf = ({ branchId, device }: Pick<Local, 'branchId' | 'device'>): string => `${device}:${branchId}`;
