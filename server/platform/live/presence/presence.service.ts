import { streamName } from '@loro/contracts/kit/live';
import { PRESENCE_NAMED, type Presence, type PresenceChanged, presenceLive } from '@loro/contracts/presence';
import { ulid } from '../../ulid';
import type { Actor } from '../../actor';
import { allow } from '../../auth/ports';
import { NotFound } from '../../errors';
import type { Hub } from '../../hub';
import type { WireEvent } from '../../outbox/stream-log';
import { inTime } from '../../patience';
import type { Session } from '../session';
import type { SessionWatch } from '../sessions';
import { LastSeen } from './last-seen';
import { type Local, Members } from './members';
import { LEASE_MS, Roll, type Scope } from './roll';

const TICK_MS = 250;
const BEAT_MS = 3_000;
const SCRIPT_MEMBERS = 500;
const SAMPLE = 20;
const PATIENCE_MS = 1_000;
/** A node that stops stays on the roll for as long as its people may take to reach another one. */
const FAREWELL_MS = 15_000;

/**
 * Who is connected, told to their branch. A connection is the heartbeat; clients send none. Each node keeps its own
 * members on the roll, and everybody's off it whose node died.
 */
export class PresenceService implements SessionWatch {
  private readonly roll: Roll;
  private readonly members: Members;
  private readonly seen: LastSeen;
  private node = ulid();
  private hasLease = false;
  private reapsFrom = 0;
  private timers: NodeJS.Timeout[] = [];
  private busy: Promise<void> = Promise.resolve();
  private isRunning = false;
  private isBeatDue = false;

  constructor(private readonly hub: Hub) {
    this.roll = new Roll(hub.redis, hub.config.REDIS_PREFIX);
    this.members = new Members(hub.now);
    this.seen = new LastSeen(hub);
  }

  get size(): number {
    return this.members.size;
  }

  start(): void {
    // Right after an outage nobody has renewed yet, and everybody would look dead.
    this.hub.redis.on('ready', () => this.holdReaping());
    this.timers = [setInterval(() => this.run(), TICK_MS), setInterval(() => this.beat(), BEAT_MS)];
    this.beat();
  }

  /** Says nothing: whoever reaches another node in time was never gone, and the others take out the rest. */
  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    if (!this.roll.isReachable) return;
    await inTime(PATIENCE_MS, this.busy);
    await inTime(PATIENCE_MS, this.roll.renew(this.node, FAREWELL_MS));
  }

  opened(session: Session): void {
    this.members.opened(session);
  }

  closed(session: Session): void {
    this.members.closed(session);
  }

  /** What the right to hear of a branch's people is asked about. */
  async subject({ orgId }: Actor, branchId: string): Promise<{ branchId: string } | null> {
    return (await this.hub.ports.hasBranch(orgId, branchId)) ? { branchId } : null;
  }

  async read(actor: Actor, branchId: string): Promise<Presence> {
    const { orgId } = actor;
    allow(actor, 'presence.read', { branchId, what: 'This branch' });
    if (!(await this.hub.ports.hasBranch(orgId, branchId))) throw new NotFound('This branch');
    return this.of({ orgId, branchId });
  }

  /** The answer to a subscription: everybody who is there. */
  async latest({ orgId }: Actor, branchId: string): Promise<WireEvent[]> {
    const { at, total, people, isSample } = await this.of({ orgId, branchId });
    const data: PresenceChanged = { at, branchId, total, joined: people, left: [], isSnapshot: true, isSample };
    return [['presence:changed', data, { stream: streamName(orgId, 'presence', branchId), at }]];
  }

  private async of(scope: Scope): Promise<Presence> {
    const at = this.hub.now().toISOString();
    const { branchId } = scope;
    const known = this.roll.isReachable && (await inTime(PATIENCE_MS, this.roll.read(scope)));
    if (known) return { branchId, at, ...known, isSample: known.total > known.people.length, isPartial: false };
    const here = new Map(this.members.of(scope).map(({ userId, name }) => [userId, { userId, name }]));
    const people = [...here.values()].slice(0, PRESENCE_NAMED);
    return { branchId, at, total: here.size, people, isSample: here.size > people.length, isPartial: true };
  }

  private beat(): void {
    this.isBeatDue = true;
    this.run();
    this.members.follow();
    this.seen.note(this.members.connected());
  }

  /** One thing at a time, so that who leaves and comes back is written in that order. While Redis is away this waits. */
  private run(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.busy = this.step()
      .catch((error: unknown) => this.hub.log.warn({ err: error }, 'presence fell behind, will repeat'))
      .finally(() => {
        this.isRunning = false;
      });
  }

  private async step(): Promise<void> {
    const isBeat = this.isBeatDue;
    this.isBeatDue = false;
    if (isBeat) await this.holdLease();
    await this.tick();
    if (isBeat && performance.now() >= this.reapsFrom) await this.reap();
  }

  private async holdLease(): Promise<void> {
    if (this.hasLease && (await this.roll.renew(this.node))) return;
    if (this.hasLease) {
      this.holdReaping();
      this.node = ulid();
      this.members.startOver();
    }
    await this.roll.open(this.node);
    this.hasLease = true;
  }

  private holdReaping(): void {
    this.reapsFrom = performance.now() + LEASE_MS;
  }

  /** Writes who came and who left since the last tick, and tells each branch once. */
  private async tick(): Promise<void> {
    if (!this.hasLease) return;
    const diffs = new Map<string, Diff>();
    for (const locals of inParts(this.members.departures())) {
      const { total, users } = await this.roll.leave(scopeOf(locals), this.node, locals);
      this.members.tookLeave(locals);
      diffOf(diffs, locals).leave(users, total);
    }
    for (const locals of inParts(this.members.arrivals())) {
      const { total, users } = await this.roll.enter(scopeOf(locals), this.node, locals);
      this.members.entered(locals);
      diffOf(diffs, locals).join(users, total, locals);
    }
    for (const diff of diffs.values()) this.tell(diff);
  }

  private async reap(): Promise<void> {
    for (const node of await this.roll.dead()) {
      for (const scope of await this.roll.scopes(node)) {
        const { total, users } = await this.roll.takeOut(scope, node);
        const diff = new Diff(scope);
        diff.leave(users, total);
        this.tell(diff);
      }
      await this.roll.forget(node);
      this.hub.log.info({ gone: node }, 'took a dead node off the roll');
    }
  }

  private tell({ scope: { orgId, branchId }, total, joined, left }: Diff): void {
    if (joined.size + left.size === 0) return;
    const isSample = total > PRESENCE_NAMED;
    const named = isSample ? SAMPLE : Number.POSITIVE_INFINITY;
    this.hub.emitLatest(
      presenceLive,
      'presence:changed',
      { orgId, id: branchId },
      {
        at: this.hub.now().toISOString(),
        branchId,
        total,
        joined: [...joined].slice(0, named).map(([userId, name]) => ({ userId, name })),
        left: [...left].slice(0, named),
        isSnapshot: false,
        isSample,
      },
    );
  }
}

/** What one branch is told at once. Who left and came back within it did neither. */
class Diff {
  total = 0;
  readonly joined = new Map<string, string>();
  readonly left = new Set<string>();

  constructor(readonly scope: Scope) {}

  leave(users: readonly string[], total: number): void {
    for (const userId of users) this.left.add(userId);
    this.total = total;
  }

  join(users: readonly string[], total: number, locals: readonly Local[]): void {
    const names = new Map(locals.map(({ userId, name }) => [userId, name]));
    for (const userId of users) if (!this.left.delete(userId)) this.joined.set(userId, names.get(userId) ?? '');
    this.total = total;
  }
}

type Part = readonly [Local, ...Local[]];

const scopeOf = ([{ orgId, branchId }]: Part): Scope => ({ orgId, branchId });

function diffOf(diffs: Map<string, Diff>, part: Part): Diff {
  const scope = scopeOf(part);
  const key = `${scope.orgId}:${scope.branchId}`;
  const diff = diffs.get(key) ?? new Diff(scope);
  diffs.set(key, diff);
  return diff;
}

/** Members by scope, at most so many as one script should take. */
function inParts(locals: readonly Local[]): [Local, ...Local[]][] {
  const open = new Map<string, [Local, ...Local[]]>();
  const parts: [Local, ...Local[]][] = [];
  for (const local of locals) {
    const key = `${local.orgId}:${local.branchId}`;
    const part = open.get(key);
    if (part && part.length < SCRIPT_MEMBERS) {
      part.push(local);
      continue;
    }
    const fresh: [Local, ...Local[]] = [local];
    open.set(key, fresh);
    parts.push(fresh);
  }
  return parts;
}
