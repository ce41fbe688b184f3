import type { FenceIndex, WatchedFence } from '../branches';
import { type Crossing, type FenceState, isEndOfWay, isWay, type Point, step } from './fence.policy';

export interface FenceCrossed {
  readonly fence: WatchedFence;
  readonly crossing: Crossing;
}

const NOBODY: readonly WatchedFence[] = [];

/**
 * One track and every fence it meets: the fixes one after another, in event time. Fences far from a fix cost nothing
 * but the look into the index; those that hold the trackable are asked wherever it is.
 */
export class FenceWalk {
  /** By the fence's id; of fences that were entered once. */
  readonly states: Map<string, FenceState>;
  private readonly holding = new Set<WatchedFence>();

  /** @param last the end of the way to the next fix, where one is known */
  constructor(
    private readonly index: FenceIndex,
    states: ReadonlyMap<string, FenceState> = new Map(),
    public last?: Point,
  ) {
    this.states = new Map(states);
    for (const [id, { state }] of states) {
      const fence = state === 'in' ? index.byId(id) : undefined;
      if (fence) this.holding.add(fence);
    }
  }

  next(point: Point): FenceCrossed[] {
    // Zero and zero is what a receiver says that knows nothing.
    if (point.lat === 0 && point.lng === 0) return [];
    const { index, last, holding } = this;
    const from = last && isEndOfWay(point) && isWay(last, point) ? last : undefined;
    const crossed: FenceCrossed[] = [];
    const near = from ? index.along(from, point) : index.at(point);
    const held = holding.size > 0 ? [...holding] : NOBODY;
    for (const fence of near) if (!holding.has(fence)) this.ask(fence, point, from, crossed);
    for (const fence of held) this.ask(fence, point, from, crossed);
    if (isEndOfWay(point)) this.last = point;
    return crossed.length > 1 ? crossed.toSorted(inOrder) : crossed;
  }

  private ask(fence: WatchedFence, point: Point, from: Point | undefined, crossed: FenceCrossed[]): void {
    const before = this.states.get(fence.id);
    const { after, crossings } = step(before, fence, point, from);
    for (const crossing of crossings) crossed.push({ fence, crossing });
    if (!after || after === before) return;
    // Who never came in is as well not known.
    if (after.state === 'out' && !before) return;
    this.states.set(fence.id, after);
    if (after.state === 'in') this.holding.add(fence);
    else this.holding.delete(fence);
  }
}

const inOrder = (a: FenceCrossed, b: FenceCrossed): number =>
  a.crossing.at - b.crossing.at || (a.fence.id < b.fence.id ? -1 : a.fence.id > b.fence.id ? 1 : 0);

/** A time in a fence, or the way through one; instants in milliseconds since 1970. */
export interface Visit {
  readonly fenceId: string;
  readonly fenceName: string;
  readonly branchId: string | null;
  readonly kind: 'stayed' | 'crossed';
  readonly enteredAt: number;
  /** Null: still inside at the last fix. */
  readonly leftAt: number | null;
  /** The last fix inside. */
  readonly seenUntil: number;
  readonly dwelledAt: number | null;
}

/** Enough to go on with fixes that come later. */
export interface DayWalkState {
  readonly states: readonly (readonly [fenceId: string, state: FenceState])[];
  readonly last: Point | null;
  readonly open: readonly Visit[];
}

/** The visits of a day, fix by fix; from all fixes at once or from a state and those that came since, they are the same. */
export class DayWalk {
  /** Those that are over. */
  readonly done: Visit[] = [];
  private readonly walk: FenceWalk;
  private readonly open: Map<string, Visit>;

  constructor(fences: FenceIndex, before?: DayWalkState) {
    this.walk = new FenceWalk(fences, new Map(before?.states), before?.last ?? undefined);
    this.open = new Map(before?.open.map((visit) => [visit.fenceId, visit]));
  }

  add(fix: Point): void {
    for (const { fence, crossing } of this.walk.next(fix)) this.take(fence, crossing);
  }

  /** Those that go on, as far as they are known. */
  underWay(): Visit[] {
    return [...this.open.values()].map((visit) => ({
      ...visit,
      seenUntil: this.walk.states.get(visit.fenceId)?.seenAt ?? visit.seenUntil,
    }));
  }

  get state(): DayWalkState {
    const { states, last } = this.walk;
    return {
      states: [...states].filter(([, { state }]) => state === 'in'),
      last: last ? { at: last.at, lat: last.lat, lng: last.lng, accuracy: last.accuracy } : null,
      open: this.underWay(),
    };
  }

  private take({ id: fenceId, name: fenceName, branchId }: WatchedFence, crossing: Crossing): void {
    const { at } = crossing;
    const visit = this.open.get(fenceId);
    const base = { fenceId, fenceName, branchId, enteredAt: at, dwelledAt: null };
    switch (crossing.kind) {
      case 'entered':
        this.open.set(fenceId, { ...base, kind: 'stayed', leftAt: null, seenUntil: at });
        break;
      case 'dwelled':
        if (visit) this.open.set(fenceId, { ...visit, dwelledAt: at });
        break;
      case 'exited':
        if (visit) this.done.push({ ...visit, leftAt: at, seenUntil: Math.min(at, crossing.seenAt) });
        this.open.delete(fenceId);
        break;
      case 'crossed':
        this.done.push({ ...base, kind: 'crossed', leftAt: crossing.leftAt, seenUntil: crossing.leftAt });
    }
  }
}

/**
 * Every visit that a day's fixes show, and nothing else: the same fixes make the same visits, however they came.
 * @param fixes in order of (at, device, boot, n)
 */
export function visitsOfDay(fixes: Iterable<Point>, fences: FenceIndex): Visit[] {
  const day = new DayWalk(fences);
  for (const fix of fixes) day.add(fix);
  return [...day.done, ...day.underWay()].toSorted(byBeginning);
}

const byBeginning = (a: Visit, b: Visit): number =>
  a.enteredAt - b.enteredAt || (a.fenceId < b.fenceId ? -1 : a.fenceId > b.fenceId ? 1 : 0);
