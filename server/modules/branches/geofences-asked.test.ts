import { branchesApi } from '@loro/contracts/branches';
import type { GeofenceShape } from '@loro/contracts/branches-geofences';
import { branches } from '.';
import { licensed } from '../../testing/licenses';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const open = (person: Person) => hub.api(branchesApi, person);
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });
const sandton = { lat: -26.107567, lng: 28.056702 };
const METRE = 1 / 111_194.926_644_559;
const circle = (radiusM = 100): GeofenceShape => ({ kind: 'circle', center: sandton, radiusM });

describe('asking where a reading stands', () => {
  it.each([
    [60, 35, 0.958, 'inside'],
    [80, 35, 0.806, 'uncertain'],
    [150, 35, 0.016, 'outside'],
    [90, 10, 0.934, 'inside'],
    [95, 10, 0.775, 'uncertain'],
    [97, 4, 0.841, 'uncertain'],
    [103, 4, 0.159, 'uncertain'],
    [105, 4, 0.048, 'outside'],
  ])('acceptance: %d m from the middle with accuracy %d is %d, %s', async (metres, accuracy, insideP, decision) => {
    const admin = await hub.person({ role: 'admin' });
    await open(admin).createGeofence({ name: 'Gate', shape: circle(100) });

    const { fences } = await open(admin).testGeofences({
      lat: sandton.lat + metres * METRE,
      lng: sandton.lng,
      accuracy,
    });

    expect(fences).toMatchObject([{ name: 'Gate', decision, signedDistanceM: 100 - metres }]);
    expect(fences[0]?.insideP).toBeCloseTo(insideP, 2);
  });

  it('says why in words, beside branches’ own fences, the surest first', async () => {
    const admin = await hub.person({ role: 'admin' });
    const branchId = await hub.branch(admin.orgId, { ...sandton, radiusM: 300 });
    const closed = await open(admin).createGeofence({
      name: 'Night',
      shape: circle(200),
      accMaxM: 10,
      activeHours: [{ weekday: (hub.clock.now().getUTCDay() + 3) % 7 || 7, opensAt: '11:00', closesAt: '11:01' }],
      timezone: 'UTC',
    });
    const far = { kind: 'circle', center: { lat: -26.3, lng: 28 }, radiusM: 100 } as const;
    await open(admin).createGeofence({ name: 'Far', shape: far });

    const { fences } = await open(admin).testGeofences({ ...sandton, accuracy: 20 });

    expect(fences).toMatchObject([
      {
        fenceId: branchId,
        branchId,
        isActive: true,
        reason: '300 m inside the border, and the reading is true to 20 m.',
      },
      {
        fenceId: closed.id,
        isActive: false,
        reason:
          'The reading is true to 20 m only, and this fence asks for 10 m. The fence is not in force at this hour.',
      },
    ]);
  });
});

describe('the fences that other rooms ask for', () => {
  it('are remembered, and on every node forgotten when one of them changes', async () => {
    const admin = await hub.person({ role: 'admin' });
    const second = await hub.secondNode();
    const doors = [hub.hub.use(branches), second.hub.use(branches)];
    const namesOn = async (door: (typeof doors)[number] | undefined) =>
      (await door?.fencesNear(admin.orgId, sandton))?.map(({ name }) => name);
    const known = async (names: string[]) => {
      const until = Date.now() + 5_000;
      while (Date.now() < until && JSON.stringify(await namesOn(doors[1])) !== JSON.stringify(names))
        await new Promise((resolve) => setTimeout(resolve, 20));
      return [await namesOn(doors[0]), await namesOn(doors[1])];
    };
    expect(await known([])).toEqual([[], []]);

    const fence = await open(admin).createGeofence({ name: 'Gate', shape: circle() });
    expect(await known(['Gate'])).toEqual([['Gate'], ['Gate']]);
    const index = await doors[0]?.fenceIndex(admin.orgId);
    expect(await doors[0]?.fenceIndex(admin.orgId)).toBe(index);
    expect(await doors[0]?.fenceById(admin.orgId, fence.id)).toMatchObject({ name: 'Gate', bufferM: 20 });

    await open(admin).removeGeofence({ geofenceId: fence.id }, asRead(fence));
    expect(await known([])).toEqual([[], []]);
    const branch = await open(admin).get({ branchId: admin.branchId });
    const area = { center: sandton, radiusM: 500 };
    await open(admin).update({ branchId: branch.id, fence: area, confirm: true }, asRead(branch));
    expect(await known([branch.name])).toEqual([[branch.name], [branch.name]]);
    await open(admin).setStatus({ branchId: branch.id, status: 'suspended' });
    expect(await known([])).toEqual([[], []]);
  });

  it('are those of branches alone where the plan has no others', async () => {
    const admin = await hub.person({ role: 'admin' });
    await open(admin).createGeofence({ name: 'Gate', shape: circle() });
    await licensed(hub, admin.orgId, { type: 'perpetual', plan: 'starter' });
    await hub.sql('UPDATE fence_marks SET n = n + 1 WHERE org_id = ?', [admin.orgId]);
    const second = await hub.secondNode('test-c');

    expect(await second.hub.use(branches).fencesNear(admin.orgId, sandton)).toEqual([]);
  });
});
