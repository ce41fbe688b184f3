import { trackingApi } from '@loro/contracts/tracking';
import { ulid } from '../../platform/ulid';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const phone = () => ({ device: ulid(), boot: ulid() });
const fixAt = (n: number, change: Record<string, unknown> = {}) => ({
  n,
  at: hub.clock.now().toISOString(),
  lat: -26.1,
  lng: 28.05,
  accuracy: 5,
  ...change,
});

describe('playing back a track', () => {
  it('sums lengths within segments and keeps recordings apart', async () => {
    const person = await hub.person();
    const start = hub.clock.now().getTime() - 60_000;
    const point = (n: number, metres: number, segment: number) =>
      fixAt(n, { at: new Date(start + n * 1_000).toISOString(), lat: metres / 111_194.926_644_559, lng: 0, segment });
    await hub.api(trackingApi, person).report({
      ...phone(),
      fixes: [point(1, 0, 0), point(2, 100, 0), point(3, 5_000, 1), point(4, 5_200, 1)],
    });
    const { data } = await hub.api(trackingApi, person).trackables();

    const track = await hub.api(trackingApi, person).track({ trackableId: data[0]?.id ?? '' });

    expect(track.geometry.coordinates.map((line) => line.length)).toEqual([2, 2]);
    expect(track.properties).toMatchObject({ points: 4, lengthM: 300, truncated: false });
  });

  it('of somebody else’s organisation does not exist', async () => {
    const person = await hub.person();
    await hub.api(trackingApi, person).report({ ...phone(), fixes: [fixAt(1)] });
    const { data } = await hub.api(trackingApi, person).trackables();
    const owner = await hub.person({ role: 'owner' });

    await expect(hub.api(trackingApi, owner).track({ trackableId: data[0]?.id ?? '' })).rejects.toMatchObject({
      status: 404,
    });
    expect((await hub.api(trackingApi, owner).trackables()).data).toEqual([]);
    expect((await hub.api(trackingApi, owner).positions()).data).toEqual([]);
  });
});
