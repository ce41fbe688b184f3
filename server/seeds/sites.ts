import type { DemoBranch, DemoClient, DemoPerson } from './company.types';
import { lengthOf, type Point, toCoordinates } from './geo';
import { type Random, randomFrom, stableId } from './random';
import { areas, clientNames } from './roster';
import { nearestNode, type StreetNode, type Streets, streetsOf } from './streets';

/** A door one can stop at: where it is, and the street corner that it is reached from. */
export interface Site {
  readonly kind: 'branch' | 'client' | 'home' | 'lunch' | 'stop';
  readonly name: string;
  readonly at: Point;
  readonly node: StreetNode;
}

const OPENED = new Date('2026-01-13T06:00:00.000Z');

const clientSites = new Map<string, readonly Site[]>();

/** The clients around a branch, scattered over its streets but never inside its fence. */
export function clientSitesOf(branch: DemoBranch): readonly Site[] {
  const cached = clientSites.get(branch.id);
  if (cached) return cached;
  const random = randomFrom('clients', branch.id);
  const streets = streetsOf(branch);
  const area = new Map(Object.entries(areas)).get(branch.code) ?? branch.name;
  const nearest = branch.fence.radiusM + 200;
  const placed: Site[] = [];
  for (const [index, name] of clientNames.entries()) {
    // Every other one is close by: a live map wants short legs, a week of history wants some long ones.
    const reach = index % 2 === 0 ? 1_800 : 3_900;
    const free = nodesBetween(streets, nearest, reach).filter((node) => !placed.some((site) => site.node === node));
    placed.push(siteAt('client', `${name}, ${area}`, random.pick(free), random));
  }
  clientSites.set(branch.id, placed);
  return placed;
}

export function layClients(branch: DemoBranch): DemoClient[] {
  return clientSitesOf(branch).map(({ name, at }) => ({
    id: stableId(OPENED, 'client', branch.id, name),
    name,
    branchId: branch.id,
    ...toCoordinates(branch.fence.center, at),
  }));
}

/** A person's own spot inside the branch, well within its fence. */
export function deskOf(person: DemoPerson): Site {
  const random = randomFrom('desk', person.id);
  const { center } = streetsOf(person.branch);
  return siteAt('branch', person.branch.name, center, random);
}

export function homeOf(person: DemoPerson): Site {
  const random = randomFrom('home', person.id);
  const nodes = nodesBetween(streetsOf(person.branch), 1_200, 4_500);
  return siteAt('home', 'Home', random.pick(nodes), random);
}

/** Somewhere to eat near `from`, but not inside the fence. */
export function lunchNear(branch: DemoBranch, from: Point, reachM: number, random: Random): Site {
  const outside = nodesBetween(streetsOf(branch), branch.fence.radiusM + 80, 6_000);
  const near = outside.filter((node) => lengthOf(node.at, from) < reachM);
  return siteAt('lunch', 'Lunch', near.length > 0 ? random.pick(near) : nearestNode(outside, from), random);
}

/** A door within a short walk of the branch, outside its fence. */
export function stopNear(branch: DemoBranch, random: Random): Site {
  const { radiusM } = branch.fence;
  return siteAt(
    'stop',
    'Street stop',
    random.pick(nodesBetween(streetsOf(branch), radiusM + 80, radiusM + 480)),
    random,
  );
}

function nodesBetween(streets: Streets, fromM: number, toM: number): StreetNode[] {
  return streets.nodes.filter((node) => {
    const away = lengthOf(node.at, streets.center.at);
    return away >= fromM && away <= toM;
  });
}

function siteAt(kind: Site['kind'], name: string, node: StreetNode, random: Random): Site {
  const angle = random.between(0, 2 * Math.PI);
  const away = random.between(12, 35);
  return { kind, name, node, at: { x: node.at.x + away * Math.sin(angle), y: node.at.y + away * Math.cos(angle) } };
}
