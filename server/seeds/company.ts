import type { Branch } from '@loro/contracts/branches';
import type { DemoBranch, DemoCompany, DemoOrganisation, DemoPerson } from './company.types';
import type { Coordinates } from './geo';
import { randomFrom, stableId } from './random';
import { type BranchCode, roster } from './roster';
import { layClients } from './sites';

const FOUNDED = new Date('2026-01-12T06:00:00.000Z');
const TIMEZONE = 'Africa/Johannesburg';
const SLUG = 'blue-crane';

const sites: readonly {
  code: BranchCode;
  parent: BranchCode | null;
  name: string;
  kind: Branch['kind'];
  center: Coordinates;
  radiusM: number;
}[] = [
  {
    code: 'JHB-HQ',
    parent: null,
    name: 'Johannesburg head office',
    kind: 'headquarters',
    center: { lat: -26.1929, lng: 28.0337 },
    radiusM: 220,
  },
  {
    code: 'SANDTON',
    parent: 'JHB-HQ',
    name: 'Sandton',
    kind: 'branch',
    center: { lat: -26.1076, lng: 28.0567 },
    radiusM: 180,
  },
  {
    code: 'PRETORIA',
    parent: 'JHB-HQ',
    name: 'Pretoria Hatfield',
    kind: 'branch',
    center: { lat: -25.7487, lng: 28.238 },
    radiusM: 250,
  },
  {
    code: 'SOWETO',
    parent: 'JHB-HQ',
    name: 'Soweto',
    kind: 'branch',
    center: { lat: -26.2485, lng: 27.854 },
    radiusM: 150,
  },
];

const fronts: readonly (readonly [name: string, about: string])[] = [
  ['Thandeka Nkosi', 'Owner: everything, across all branches'],
  ['Pieter van Wyk', 'Administrator: settings, branches and people'],
  ['Ayesha Moosa', 'HR: everybody’s check-ins and hours'],
  ['Lerato Molefe', 'Manager in Sandton: her branch, live'],
  ['Johan Pretorius', 'Manager in Pretoria: his branch, live'],
  ['Bongani Khumalo', 'Driver at head office: his own day'],
];

/** The same seed gives the same company, ids included. */
export function demoCompany(seed = 'blue-crane'): DemoCompany {
  const organisation: DemoOrganisation = {
    id: stableId(FOUNDED, seed, 'organisation'),
    name: 'Blue Crane Cooling',
    slug: SLUG,
    status: 'active',
    timezone: TIMEZONE,
    locale: 'en-ZA',
    currency: 'ZAR',
    country: 'ZA',
    createdAt: FOUNDED.toISOString(),
  };
  const byCode = openBranches(seed);
  const people = roster.map((_, index) => hire(seed, index, byCode));

  return {
    seed,
    organisation,
    branches: [...byCode.values()],
    people,
    clients: [...byCode.values()].flatMap(layClients),
    front: fronts.map(([name, about]) => {
      const person = known(people.find((one) => one.name === name));
      return { userId: person.id, name, email: person.email, role: person.role, about };
    }),
  };
}

/** A dozen field people, three a branch, who keep the live map moving. */
export function liveCast(company: DemoCompany): readonly DemoPerson[] {
  return company.branches.flatMap((branch) => {
    const field = company.people.filter((person) => person.branch === branch && person.role === 'staff');
    const onFoot = field.filter((person) => person.travels === 'foot').slice(0, 1);
    return [...field.filter((person) => person.travels === 'car').slice(0, 3 - onFoot.length), ...onFoot];
  });
}

function openBranches(seed: string): Map<BranchCode, DemoBranch> {
  const byCode = new Map<BranchCode, DemoBranch>();
  for (const [index, { code, parent, name, kind, center, radiusM }] of sites.entries()) {
    const above = parent === null ? null : known(byCode.get(parent));
    const id = stableId(after(index + 1), seed, 'branch', code);
    byCode.set(code, {
      id,
      parentId: above?.id ?? null,
      path: `${above?.path ?? '/'}${id}/`,
      code,
      name,
      kind,
      status: 'active',
      timezone: TIMEZONE,
      fence: { center, radiusM },
    });
  }
  return byCode;
}

function hire(seed: string, index: number, branches: ReadonlyMap<BranchCode, DemoBranch>): DemoPerson {
  const [first, last, code, jobTitle, role = 'staff'] = known(roster[index]);
  const email = `${plain(first)}.${plain(last)}@${SLUG}.example`;
  const branch = known(branches.get(code));
  const random = randomFrom(seed, 'vehicle', email);
  const field =
    jobTitle === 'Merchandiser' || (jobTitle === 'Sales representative' && random.chance(0.1)) ? 'foot' : 'car';
  return {
    id: stableId(after(100 + index), seed, 'person', email),
    email,
    name: `${first} ${last}`,
    status: 'active',
    kind: 'person',
    homeBranchId: branch.id,
    jobTitle,
    employeeNo: `BC-${String(1_001 + index)}`,
    role,
    branch,
    deviceId: stableId(after(200 + index), seed, 'device', email),
    travels: role === 'staff' ? field : 'office',
  };
}

/** Ids sort by their time part, so each row is a second younger than the one before it. */
function after(seconds: number): Date {
  return new Date(FOUNDED.getTime() + seconds * 1_000);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('The roster names something that the company does not have.');
  return value;
}
