import { lengthOf, type Point, toCoordinates } from './geo';
import type { DemoBranch } from './company.types';
import { type Random, randomFrom } from './random';

export interface StreetNode {
  readonly key: number;
  readonly at: Point;
  readonly lat: number;
  readonly lng: number;
  readonly hasLights: boolean;
  readonly edges: StreetEdge[];
}

export interface StreetEdge {
  readonly to: StreetNode;
  readonly lengthM: number;
  /** Metres a second. */
  readonly limit: number;
  /** Points between the two nodes; few streets are straight. */
  readonly bends: readonly Point[];
}

/** The roads around one branch, which stands at `center`. */
export interface Streets {
  readonly nodes: readonly StreetNode[];
  readonly center: StreetNode;
}

const SPACING_M = 400;
const HALF = 10;
const KMH = 1 / 3.6;
const LIMITS = { lane: 40 * KMH, avenue: 60 * KMH, ring: 90 * KMH };

const known = new Map<string, Streets>();

/** Laid once a branch and kept: forty people and a week ask for the same streets thousands of times. */
export function streetsOf(branch: DemoBranch): Streets {
  const streets = known.get(branch.id) ?? layStreets(branch);
  known.set(branch.id, streets);
  return streets;
}

function layStreets(branch: DemoBranch): Streets {
  const random = randomFrom('streets', branch.id);
  const nodes: StreetNode[] = [];
  const grid = new Map<string, StreetNode>();
  const add = (at: Point, hasLights: boolean): StreetNode => {
    const node = { key: nodes.length, at, ...toCoordinates(branch.fence.center, at), hasLights, edges: [] };
    nodes.push(node);
    return node;
  };

  for (let row = -HALF; row <= HALF; row++) {
    for (let column = -HALF; column <= HALF; column++) {
      const isCenter = row === 0 && column === 0;
      const jitter = isCenter ? 0 : 0.2 * SPACING_M;
      const at = {
        x: column * SPACING_M + random.between(-jitter, jitter),
        y: row * SPACING_M + random.between(-jitter, jitter),
      };
      const isCrossing = row % 4 === 0 && column % 4 === 0;
      grid.set(`${column},${row}`, add(at, !isCenter && (isCrossing || random.chance(0.12))));
    }
  }

  for (let row = -HALF; row <= HALF; row++) {
    for (let column = -HALF; column <= HALF; column++) {
      const here = grid.get(`${column},${row}`);
      const isNearBranch = Math.abs(row) <= 2 && Math.abs(column) <= 2;
      const east = grid.get(`${column + 1},${row}`);
      const north = grid.get(`${column},${row + 1}`);
      const diagonal = grid.get(`${column + 1},${row + 1}`);
      if (here === undefined) continue;
      // Missing blocks make routes bend; avenues and the branch's own quarter stay whole, so everything stays reachable.
      if (east && (row % 4 === 0 || isNearBranch || !random.chance(0.14))) {
        join(here, east, row % 4 === 0 ? LIMITS.avenue : LIMITS.lane, random);
      }
      if (north && (column % 4 === 0 || isNearBranch || !random.chance(0.14))) {
        join(here, north, column % 4 === 0 ? LIMITS.avenue : LIMITS.lane, random);
      }
      if (diagonal && (row === column + 3 || random.chance(0.04))) join(here, diagonal, LIMITS.avenue, random);
    }
  }

  layRing([...nodes], add, random);
  const center = nearestNode(nodes, { x: 0, y: 0 });
  return { nodes: reachableFrom(center), center };
}

/** A ring road with a ramp down to the grid every 22.5 degrees; between ramps it passes over the streets below. */
function layRing(
  grid: readonly StreetNode[],
  add: (at: Point, hasLights: boolean) => StreetNode,
  random: Random,
): void {
  const ring = Array.from({ length: 32 }, (_, step) => {
    const angle = (step / 32) * 2 * Math.PI;
    const radius = 3_000 + 150 * Math.sin(3 * angle) + random.between(-25, 25);
    return add({ x: radius * Math.sin(angle), y: radius * Math.cos(angle) }, false);
  });
  let previous = ring.at(-1);
  for (const [step, node] of ring.entries()) {
    if (previous) join(previous, node, LIMITS.ring, random);
    if (step % 2 === 0) join(node, nearestNode(grid, node.at), LIMITS.avenue, random);
    previous = node;
  }
}

function join(one: StreetNode, other: StreetNode, limit: number, random: Random): void {
  const bow = random.between(-0.06, 0.06);
  const dx = other.at.x - one.at.x;
  const dy = other.at.y - one.at.y;
  const bends = [0.25, 0.5, 0.75].map((part) => {
    const aside = 4 * bow * part * (1 - part);
    return { x: one.at.x + part * dx - aside * dy, y: one.at.y + part * dy + aside * dx };
  });
  const lengthM = pathLength([one.at, ...bends, other.at]);
  one.edges.push({ to: other, lengthM, limit, bends });
  other.edges.push({ to: one, lengthM, limit, bends: bends.toReversed() });
}

function pathLength(points: readonly Point[]): number {
  let total = 0;
  let previous: Point | undefined;
  for (const point of points) {
    if (previous) total += lengthOf(previous, point);
    previous = point;
  }
  return total;
}

function reachableFrom(start: StreetNode): StreetNode[] {
  const seen = new Set([start]);
  // A Set hands out what is added while it is walked, which makes it its own queue.
  for (const node of seen) for (const edge of node.edges) seen.add(edge.to);
  return [...seen].toSorted((a, b) => a.key - b.key);
}

export function nearestNode(nodes: readonly StreetNode[], point: Point): StreetNode {
  const [first] = nodes.toSorted((a, b) => lengthOf(a.at, point) - lengthOf(b.at, point));
  if (!first) throw new RangeError('There are no streets here.');
  return first;
}

interface Reached {
  readonly node: StreetNode;
  readonly cost: number;
  readonly guess: number;
  readonly by: { readonly edge: StreetEdge; readonly from: Reached } | null;
}

/** The quickest way by A*, as the edges to follow; empty where start and goal are one. */
export function route(from: StreetNode, to: StreetNode): StreetEdge[] {
  const guess = (node: StreetNode) => lengthOf(node.at, to.at) / LIMITS.ring;
  const settled = new Set<StreetNode>();
  const best = new Map<StreetNode, number>();
  const open = new Heap();
  open.push({ node: from, cost: 0, guess: guess(from), by: null });

  for (let here = open.pop(); here; here = open.pop()) {
    if (here.node === to) return edgesTo(here);
    if (settled.has(here.node)) continue;
    settled.add(here.node);
    for (const edge of here.node.edges) {
      const cost = here.cost + edge.lengthM / edge.limit + (edge.to.hasLights ? 8 : 2);
      if (cost >= (best.get(edge.to) ?? Infinity)) continue;
      best.set(edge.to, cost);
      open.push({ node: edge.to, cost, guess: cost + guess(edge.to), by: { edge, from: here } });
    }
  }
  throw new RangeError('No street leads there.');
}

function edgesTo(goal: Reached): StreetEdge[] {
  const edges: StreetEdge[] = [];
  for (let here = goal; here.by; here = here.by.from) edges.push(here.by.edge);
  return edges.toReversed();
}

/** A binary heap, least guess first. */
class Heap {
  private readonly items: Reached[] = [];

  push(item: Reached): void {
    let index = this.items.push(item) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.items[above];
      if (!parent || parent.guess <= item.guess) break;
      this.items[index] = parent;
      index = above;
    }
    this.items[index] = item;
  }

  pop(): Reached | undefined {
    const top = this.items[0];
    const item = this.items.pop();
    if (!item || item === top) return top;
    let index = 0;
    for (;;) {
      const left = this.items[2 * index + 1];
      const right = this.items[2 * index + 2];
      const isRight = left && right && right.guess < left.guess;
      const child = isRight ? right : left;
      if (!child || child.guess >= item.guess) break;
      this.items[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    this.items[index] = item;
    return top;
  }
}
