import { CheckIn } from '@loro/contracts/check-ins';
import { Branch, NewBranch } from '@loro/contracts/branches';
import { Id } from '@loro/contracts/kit/values';
import { Organisation, User } from '@loro/contracts/people';
import { Fix } from '@loro/contracts/tracking';
import { demoCompany, liveCast } from './company';
import { distanceM } from './geo';
import {
  dayOfMovement,
  type FixSample,
  movementOf,
  type PersonDay,
  simulateDay,
  walker,
  workingDates,
} from './movement';
import { route, streetsOf } from './streets';
import { type DemoVisit, visitsOf } from './visits';

const company = demoCompany();
const dates = workingDates('2026-11-24', 5);
const days: PersonDay[] = [...movementOf(company, dates)];
const visits = days.map((day) => ({ day, visits: visitsOf(day, company.seed) }));

/** Broken rules of a track as sentences, so that a failure names the fix. */
function implausibilities(fixes: readonly FixSample[]): string[] {
  const wrong: string[] = [];
  let previous: FixSample | undefined;
  for (const fix of fixes) {
    if ((fix.speed ?? 0) >= 40) wrong.push(`${fix.at} speed ${fix.speed}`);
    if (previous) {
      const seconds = (Date.parse(fix.at) - Date.parse(previous.at)) / 1_000;
      if (seconds <= 0) wrong.push(`${fix.at} does not follow ${previous.at}`);
      const noise = 2 * (fix.accuracy + previous.accuracy);
      const moved = distanceM(previous, fix);
      // Between two readings a car may have been faster than at both, by what its engine gives.
      const fastest = Math.min(40, Math.max(fix.speed ?? 30, previous.speed ?? 30) + seconds);
      const isBreak = fix.segment !== previous.segment;
      if (!isBreak && moved > fastest * seconds + noise) wrong.push(`${fix.at} moved ${moved} m in ${seconds} s`);
    }
    previous = fix;
  }
  return wrong;
}

function crossings(
  fixes: Iterable<FixSample>,
  fence: { center: { lat: number; lng: number }; radiusM: number },
): number {
  let count = 0;
  let wasInside: boolean | undefined;
  for (const fix of fixes) {
    if (fix.accuracy > 30) continue;
    const isInside = distanceM(fix, fence.center) < fence.radiusM;
    if (wasInside !== undefined && wasInside !== isInside) count += 1;
    wasInside = isInside;
  }
  return count;
}

const Demo = Branch.pick({
  id: true,
  parentId: true,
  path: true,
  code: true,
  name: true,
  kind: true,
  status: true,
  timezone: true,
  fence: true,
});

describe('founding the demo company', () => {
  it('finds the same people, branches and ids every time', () => {
    expect(demoCompany()).toEqual(company);
    expect(demoCompany('another').people[0]?.id).not.toBe(company.people[0]?.id);
  });

  it('speaks the shapes of the contracts', () => {
    const founded = { ...company.organisation, roundingMode: 'half-up', ownerId: null, closedAt: null, version: 1 };
    expect(Organisation.parse(founded).currency).toBe('ZAR');
    for (const branch of company.branches) {
      Demo.parse(branch);
      expect(NewBranch.shape.code.parse(branch.code)).toBe(branch.code);
      expect(branch.fence.radiusM).toBeGreaterThanOrEqual(120);
      expect(branch.fence.radiusM).toBeLessThanOrEqual(250);
    }
    for (const person of company.people) User.partial().parse({ ...person, version: 1 });
  });

  it('gives everything its own ULID', () => {
    const ids = [
      company.organisation.id,
      ...company.branches.map((branch) => branch.id),
      ...company.people.flatMap((person) => [person.id, person.deviceId]),
      ...company.clients.map((client) => client.id),
      ...days.map((day) => day.boot),
      ...visits.flatMap((one) => one.visits.map((visit) => visit.id)),
    ];

    expect(ids.filter((id) => !Id.safeParse(id).success)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('employs forty, with one manager in each branch below head office', () => {
    const count = (role: string) => company.people.filter((person) => person.role === role).length;

    expect(company.people).toHaveLength(40);
    expect([count('owner'), count('admin'), count('hr'), count('manager'), count('staff')]).toEqual([1, 1, 1, 3, 34]);
    expect(new Set(company.people.map((person) => person.email)).size).toBe(40);
    expect(company.branches.map((branch) => branch.path.split('/').length - 2)).toEqual([1, 2, 2, 2]);
    expect(company.front).toHaveLength(6);
    expect(company.clients).toHaveLength(64);
  });
});

describe('laying streets', () => {
  it('leads from the branch to every corner, no faster than the crow', () => {
    for (const branch of company.branches) {
      const { nodes, center } = streetsOf(branch);
      expect(nodes.length).toBeGreaterThan(400);
      for (const node of nodes) {
        const lengthM = route(center, node).reduce((sum, edge) => sum + edge.lengthM, 0);
        expect(lengthM).toBeGreaterThanOrEqual(distanceM(center, node) * 0.999);
      }
    }
  });
});

describe('a week of work', () => {
  it('is the same week whenever it is asked for, in any order', () => {
    const day = days.at(17);
    if (!day) throw new Error('There are too few days.');

    expect(dayOfMovement(day.person, day.date, company.seed)).toEqual(day.fixes);
    expect(simulateDay(day.person, day.date, 'another').fixes).not.toEqual(day.fixes);
  });

  it('moves as bodies move, by fixes that the contract takes', () => {
    const wrong = days.flatMap((day) => implausibilities(day.fixes));
    const sample = days.flatMap((day) => day.fixes.filter((_, index) => index % 50 === 0));

    expect(wrong).toEqual([]);
    for (const fix of sample) Fix.parse({ ...fix, n: 1 });
  });

  it('drives as far as its speeds say', () => {
    const day = days.find((one) => one.person.travels === 'car');
    if (!day) throw new Error('Nobody drives.');
    const dense = simulateDay(day.person, day.date, company.seed, { sampling: { movingS: 1, stillS: 60 } });

    let bySpeed = 0;
    let byPlace = 0;
    let anchor = dense.fixes[0];
    for (const fix of dense.fixes) {
      bySpeed += fix.speed ?? 0;
      // Steps longer than the noise, so that what is summed is the road.
      if (!anchor || fix.segment !== anchor.segment) anchor = fix;
      const step = distanceM(anchor, fix);
      if (fix.accuracy > 30 || step < 60) continue;
      byPlace += step;
      anchor = fix;
    }

    expect(bySpeed).toBeGreaterThan(5_000);
    expect(byPlace / bySpeed).toBeGreaterThan(0.85);
    expect(byPlace / bySpeed).toBeLessThan(1.15);
  });

  it('stays around the branch and within local working hours', () => {
    for (const day of days) {
      const { center } = day.person.branch.fence;
      expect(Math.max(...day.fixes.map((fix) => distanceM(fix, center)))).toBeLessThan(25_000);
      expect(Date.parse(day.fixes[0]?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(`${day.date}T06:00:00Z`));
      expect(Date.parse(day.fixes.at(-1)?.at ?? '')).toBeLessThanOrEqual(Date.parse(`${day.date}T15:00:00Z`));
    }
  });

  it('pauses for lunch, and comes back through the fence on nearly every day', () => {
    const crossed = days.filter((day) => crossings(day.fixes, day.person.branch.fence) >= 2);
    const segments = days.map((day) => day.fixes.at(-1)?.segment);

    expect(crossed.length / days.length).toBeGreaterThan(0.9);
    expect(new Set(segments)).toEqual(new Set([1]));
  });

  it('fits the budget of a first start', () => {
    const total = days.reduce((sum, day) => sum + day.fixes.length, 0);

    expect(total).toBeGreaterThan(120_000);
    expect(total).toBeLessThan(250_000);
  });

  it('drains batteries and never charges them on the road', () => {
    for (const { fixes } of days) expect(fixes.at(-1)?.battery ?? 1).toBeLessThan((fixes[0]?.battery ?? 0) - 0.3);
  });
});

describe('checking in', () => {
  it('has one visit at a time, within the day, where the phone was', () => {
    for (const { day, visits: list } of visits) {
      let freeFrom = day.startsAt.toISOString();
      for (const visit of list) {
        CheckIn.parse({ ...visit, userName: day.person.name });
        expect(visit.startedAt >= freeFrom).toBe(true);
        expect(visit.endedAt !== null && visit.endedAt > visit.startedAt).toBe(true);
        freeFrom = visit.endedAt ?? '9999';
        expect(strayM(visit, day)).toBeLessThan(80);
      }
      expect(freeFrom <= (day.fixes.at(-1)?.at ?? '')).toBe(true);
    }
    expect(visits.reduce((sum, one) => sum + one.visits.length, 0)).toBeGreaterThan(700);
  });

  it('leaves the visit open of who is still there', () => {
    const until = new Date('2026-11-24T08:30:00.000Z');
    const today = [...movementOf(company, ['2026-11-24'], { until })].flatMap((day) => visitsOf(day, company.seed));
    const open = today.filter((visit) => visit.endedAt === null);

    expect(open.length).toBeGreaterThan(5);
    expect(new Set(open.map((visit) => visit.userId)).size).toBe(open.length);
    expect(today.every((visit) => (visit.endedAt ?? visit.startedAt) <= until.toISOString())).toBe(true);
  });
});

/** How far the visit's start lies from the nearest fix during the visit. */
function strayM(visit: DemoVisit, day: PersonDay): number {
  const during = day.fixes.filter((fix) => fix.at >= visit.startedAt && fix.at <= (visit.endedAt ?? '9999'));
  return Math.min(...during.map((fix) => distanceM(fix, visit.startedPlace)));
}

describe('walking for the live map', () => {
  const startsAt = new Date('2026-11-24T01:00:00.000Z');
  const cast = liveCast(company);

  function* hours(person: (typeof cast)[number], count: number, dtSec: number): Generator<FixSample> {
    const one = walker(person, company.seed, startsAt);
    for (let seconds = 0; seconds < count * 3_600; seconds += dtSec) yield one.next(dtSec);
  }

  it('casts a dozen, three a branch, one of them on foot', () => {
    expect(cast).toHaveLength(12);
    expect(new Set(cast.map((person) => person.homeBranchId)).size).toBe(4);
    expect(cast.filter((person) => person.travels === 'foot')).toHaveLength(4);
  });

  it('is mostly under way and crosses its fence at least four times an hour', () => {
    for (const person of cast) {
      const fixes = [...hours(person, 3, 2)];
      const moving = fixes.filter((fix) => (fix.speed ?? 1) > 0).length / fixes.length;

      expect(implausibilities(fixes)).toEqual([]);
      expect(moving).toBeGreaterThan(0.5);
      expect(crossings(fixes, person.branch.fence)).toBeGreaterThanOrEqual(12);
      expect(Math.max(...fixes.map((fix) => distanceM(fix, person.branch.fence.center)))).toBeLessThan(25_000);
    }
  });

  it('walks the same way twice, and at uneven steps too', () => {
    const [person] = cast;
    if (!person) throw new Error('The cast is empty.');
    const uneven = walker(person, company.seed, startsAt);
    const steps = [0.4, 1.7, 1, 12, 2.03, 0.25, 5];
    const fixes = Array.from({ length: 4_000 }, (_, index) => uneven.next(steps[index % steps.length] ?? 1));

    expect([...hours(person, 1, 1)]).toEqual([...hours(person, 1, 1)]);
    expect(implausibilities(fixes)).toEqual([]);
    expect(['driving', 'walking', 'stopped']).toContain(uneven.state().activity);
  });
});
