import { type Branch, branchesApi } from '@loro/contracts/branches';
import { configurationApi } from '@loro/contracts/configuration';
import { branches } from '.';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const open = (person: Person) => hub.api(branchesApi, person);
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });
const sandton = { lat: -26.107567, lng: 28.056702 };

const placed = (
  admin: Person,
  code: string,
  position: { lat: number; lng: number } | null,
  more: object = {},
): Promise<Branch> => open(admin).create({ code, name: code, timezone: 'Africa/Johannesburg', position, ...more });

describe('acceptance: the nearest branch', () => {
  it('is told with its distance on the ground, ties by code, active ones alone', async () => {
    const admin = await hub.person({ role: 'admin' });
    await placed(admin, 'SANDTON', sandton);
    await placed(admin, 'B-FAR', { lat: -25.7487, lng: 28.238 });
    await placed(admin, 'A-FAR', { lat: -25.7487, lng: 28.238 });
    await placed(admin, 'PLANNED', { lat: -26.1089, lng: 28.0567 }, { status: 'planned' });
    await placed(admin, 'NOWHERE', null);

    const { branches: near } = await open(admin).nearest({ lat: -26.1089, lng: 28.0567, limit: 3 });
    const one = await open(admin).nearest({ lat: -26.1089, lng: 28.0567, limit: 1 });

    expect(near.map(({ branch }) => branch.code)).toEqual(['SANDTON', 'A-FAR', 'B-FAR']);
    expect(one.branches).toMatchObject([{ branch: { code: 'SANDTON' }, distanceM: 148.2 }]);
  });

  it('lies across the antimeridian, over the pole and at the other end of the world too', async () => {
    const admin = await hub.person({ role: 'admin' });
    await placed(admin, 'FIJI', { lat: -18.1, lng: 179.9995 });
    await placed(admin, 'ALERT', { lat: 82.5, lng: -62.3 });

    const west = await open(admin).nearest({ lat: -18.1, lng: -179.9995, limit: 1 });
    const pole = await open(admin).nearest({ lat: 89, lng: 117, limit: 1 });
    const both = await open(admin).nearest({ lat: 18, lng: 0, limit: 5 });

    expect(west.branches).toMatchObject([{ branch: { code: 'FIJI' }, distanceM: 105.7 }]);
    expect(pole.branches).toMatchObject([{ branch: { code: 'ALERT' } }]);
    expect(both.branches).toHaveLength(2);
  });

  it('is one that the caller sees', async () => {
    const admin = await hub.person({ role: 'admin' });
    const stranger = await hub.person({ role: 'admin' });
    const { id } = await placed(admin, 'SANDTON', sandton);
    const staff = await hub.person({ beside: { orgId: admin.orgId, branchId: id } });
    await placed(admin, 'NEARER', { lat: -26.1089, lng: 28.0567 });
    const there = { lat: -26.1089, lng: 28.0567 };

    expect((await open(staff).nearest(there)).branches).toMatchObject([{ branch: { code: 'SANDTON' } }]);
    expect((await open(stranger).nearest(there)).branches).toEqual([]);
  });
});

describe('where a branch is', () => {
  it('moves a little without asking, and a kilometre only when somebody says that it is meant', async () => {
    const admin = await hub.person({ role: 'admin' });
    const branch = await placed(admin, 'S', sandton);
    const { id: branchId } = branch;
    const far = { lat: -26.12, lng: 28.056702 };

    const near = await open(admin).setLocation({ branchId, position: { lat: -26.1089, lng: 28.0567 } }, asRead(branch));
    const refused = open(admin).setLocation({ branchId, position: far }, asRead(near));
    await expect(refused).rejects.toMatchObject({ status: 409, code: 'LOCATION_MOVES_FAR' });
    const fence = { center: far, radiusM: 100 };
    const around = open(admin).update({ branchId, fence }, asRead(near));
    await expect(around).rejects.toMatchObject({ code: 'LOCATION_MOVES_FAR' });
    const moved = await open(admin).setLocation({ branchId, position: far, fence, confirm: true }, asRead(near));

    expect(moved).toMatchObject({ position: far, fence, version: near.version + 1 });
  });

  it('asks at the distance that is set for the branch or above it', async () => {
    const admin = await hub.person({ role: 'admin' });
    const branch = await placed(admin, 'S', sandton);
    const { id: branchId } = branch;
    const key = 'branches.confirm-move-m';
    const before = await open(admin).settings({ branchId });
    const held = (value: number, source: string): unknown => expect.objectContaining({ key, value, source });
    expect(before.data).toContainEqual(held(1_000, 'default'));

    const set = await open(admin).setSettings({ branchId, settings: [{ key, value: 100 }] });

    expect(set.settings).toContainEqual(held(100, 'branch'));
    const position = { lat: -26.1089, lng: 28.0567 };
    const refused = open(admin).setLocation({ branchId, position }, asRead(branch));
    await expect(refused).rejects.toMatchObject({ code: 'LOCATION_MOVES_FAR' });
    const wrong = open(admin).setSettings({
      branchId,
      settings: [
        { key, value: 1_500 },
        { key, value: 'far' },
      ],
    });
    await expect(wrong).rejects.toMatchObject({ status: 422 });
    expect((await open(admin).settings({ branchId })).data).toContainEqual(held(100, 'branch'));
    const locked = { ownerId: admin.orgId, key, value: 700, isLocked: true };
    await hub.api(configurationApi, admin).setForOrganisation(locked, { headers: { 'if-match': '"0"' } });
    const overruled = open(admin).setSettings({ branchId, settings: [{ key, value: 200 }] });
    await expect(overruled).rejects.toMatchObject({ status: 409, code: 'CONFIG_LOCKED' });
  });

  it('is kept as a fence with corners, in one way of writing, and refuses what is none', async () => {
    const admin = await hub.person({ role: 'admin' });
    const branch = await placed(admin, 'S', null);
    const { id: branchId } = branch;
    const corners = [
      { lat: -26.108, lng: 28.056 },
      { lat: -26.107, lng: 28.056 },
      { lat: -26.107, lng: 28.057 },
      { lat: -26.108, lng: 28.057 },
    ];
    const [a, b, c, d] = corners;

    const fenced = await open(admin).update({ branchId, fence: { corners } }, asRead(branch));

    expect(fenced.fence).toEqual({ corners: corners.toReversed() });
    expect(fenced.position).toEqual({
      lat: expect.closeTo(-26.1075, 4) as number,
      lng: expect.closeTo(28.0565, 4) as number,
    });
    const crossed = open(admin).update(
      { branchId, fence: { corners: [a, c, b, d].flatMap((one) => one ?? []) } },
      asRead(fenced),
    );
    await expect(crossed).rejects.toMatchObject({
      status: 422,
      code: 'VALIDATION_FAILED',
      problem: { errors: [{ path: 'fence.corners.2', code: 'crosses_itself' }] },
    });
    const many = Array.from({ length: 1_001 }, (_, at) => ({ lat: -26 + at / 1e6, lng: 28 }));
    await expect(open(admin).update({ branchId, fence: { corners: many } }, asRead(fenced))).rejects.toMatchObject({
      status: 422,
    });
  });
});

describe('a reading and the fences around it', () => {
  it('lies most surely in the one it is deepest in, whichever kind that is', async () => {
    const admin = await hub.person({ role: 'admin' });
    const near = { lat: -26.1089, lng: 28.056702 };
    const circle = await placed(admin, 'CIRCLE', null, { fence: { center: sandton, radiusM: 200 } });
    const corners = [
      { lat: -26.1095, lng: 28.0564 },
      { lat: -26.1095, lng: 28.057 },
      { lat: -26.1085, lng: 28.057 },
      { lat: -26.1085, lng: 28.0564 },
    ];
    const outline = await placed(admin, 'OUTLINE', null, { fence: { corners } });
    const off = await placed(admin, 'OFF', null, { fence: { center: near, radiusM: 50 } });
    await open(admin).setStatus({ branchId: off.id, status: 'suspended' });

    const { fences } = await open(admin).testFences({ position: near, accuracyM: 35 });
    const inside = await hub.hub.use(branches).inside(admin.orgId, [circle.id], near, 35);

    expect(fences.map(({ code }) => code)).toEqual(['CIRCLE', 'OUTLINE']);
    expect(fences[0]).toMatchObject({ branchId: circle.id, signedDistanceM: 51.8, insideProbability: 0.987 });
    expect(fences[1]).toMatchObject({ branchId: outline.id, signedDistanceM: 29.8 });
    expect(inside).toEqual(fences.slice(0, 1));
  });
});

describe('branches on a map', () => {
  it('are those inside the box, also where it crosses the antimeridian', async () => {
    const admin = await hub.person({ role: 'admin' });
    await placed(admin, 'SANDTON', sandton);
    await placed(admin, 'EAST', { lat: -18, lng: 179 });
    await placed(admin, 'WEST', { lat: -18, lng: -179 });
    const shown = async (bbox: string) => (await open(admin).map({ bbox })).branches.map(({ code }) => code);

    expect(await shown('28,-27,29,-26')).toEqual(['SANDTON']);
    expect(await shown('178,-20,-178,-16')).toEqual(['EAST', 'WEST']);
    await expect(shown('28,-26,29,-27')).rejects.toMatchObject({ status: 400, code: 'BAD_QUERY' });
    await expect(shown('28,,29,30')).rejects.toMatchObject({ status: 400 });
  });

  it('show where people are in cells, and hide a cell with fewer than three', async () => {
    const admin = await hub.person({ role: 'admin' });
    const town = await placed(admin, 'TOWN', sandton);
    const next = await placed(admin, 'NEXT', { lat: -26.1089, lng: 28.0567 });
    const lonely = await placed(admin, 'LONELY', { lat: -33.9, lng: 18.4 });
    const at = (branchId: string) => hub.person({ beside: { orgId: admin.orgId, branchId } });
    for (const { id } of [town, town, next, lonely, lonely]) await at(id);

    const { cells, hiddenCells } = await open(admin).distribution({ res: 5 });

    expect(cells).toMatchObject([{ people: 3, branches: 2 }]);
    expect(hiddenCells).toBe(1);
    await expect(open(await at(town.id)).distribution({})).rejects.toMatchObject({ status: 403 });
  });
});
