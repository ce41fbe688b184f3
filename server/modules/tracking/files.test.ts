import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { testHub } from '../../testing/test-hub';
import { bare, from, madeTrack, north } from './generated-tracks';
import {
  addUp,
  batchesOf,
  handIn,
  numbered,
  ownTrackable,
  phone,
  setOf,
  shifted,
  yesterdayAtEight,
} from './track-reports';

const hub = testHub();
const morning = () => yesterdayAtEight(hub.clock.now());
const range = () =>
  `from=${new Date(morning() - 3_600_000).toISOString()}&to=${new Date(morning() + 86_400_000).toISOString()}`;
const take = (path: string, token: string) =>
  fetch(`${hub.url}/api/v1/tracking/${path}`, { headers: { authorization: `Bearer ${token}` } });

const twoStretches = () => [
  ...Array.from({ length: 5 }, (_, index) => bare(morning() + index * 60_000, north(index * 200), 8)),
  ...Array.from({ length: 4 }, (_, index) =>
    bare(morning() + 3_600_000 + index * 60_000, from(800 + index * 200, 5), 8),
  ),
];

async function recorded() {
  const driver = await hub.person();
  await handIn(hub, driver, phone(), [numbered(twoStretches())]);
  await addUp(hub);
  return { driver, trackableId: await ownTrackable(hub, driver) };
}

describe('a track as a file', () => {
  it('is GPX with a segment for each stretch, and every instant', async () => {
    const { driver, trackableId } = await recorded();

    const answer = await take(`trackables/${trackableId}/track/file?${range()}&format=gpx`, driver.token);
    const text = await answer.text();

    expect(answer.headers.get('content-type')).toContain('application/gpx+xml');
    expect(XMLValidator.validate(text)).toBe(true);
    const { gpx } = new XMLParser({ ignoreAttributes: false }).parse(text);
    const segments: { trkpt: Record<string, string>[] }[] = gpx.trk.trkseg;
    expect(segments.map(({ trkpt }) => trkpt.length)).toEqual([5, 4]);
    expect(segments[0]?.trkpt[0]).toEqual({ '@_lat': '0.001', '@_lon': '28', time: new Date(morning()).toISOString() });
  });

  it('is KML with as many instants as places', async () => {
    const { driver, trackableId } = await recorded();

    const text = await (await take(`trackables/${trackableId}/track/file?${range()}&format=kml`, driver.token)).text();

    expect(XMLValidator.validate(text)).toBe(true);
    expect([text.match(/<when>/g)?.length, text.match(/<gx:coord>/g)?.length]).toEqual([9, 9]);
    expect(text.match(/<gx:Track>/g)).toHaveLength(2);
  });

  it('is GeoJSON with a feature for each stretch', async () => {
    const { driver, trackableId } = await recorded();

    const answer = await take(`trackables/${trackableId}/track/file?${range()}&format=geojson`, driver.token);
    const collection = JSON.parse(await answer.text());

    expect(collection.features).toHaveLength(2);
    expect(collection.features[0]).toMatchObject({ geometry: { type: 'LineString' }, properties: { lengthM: 800 } });
  });

  it('shows cells to whoever gives no reason where one is asked for', async () => {
    const { driver, trackableId } = await recorded();
    await setOf(hub, driver, 'tracking.reason-required', true);
    const manager = await hub.person({ role: 'manager', beside: driver });

    const answer = await take(`trackables/${trackableId}/track/file?${range()}&format=geojson`, manager.token);
    const { features } = JSON.parse(await answer.text());

    expect(features[0].properties.accuracies.every((accuracy: number) => accuracy === 200)).toBe(true);
    expect(
      features.flatMap(({ properties }: { properties: { times: unknown[] } }) => properties.times).length,
    ).toBeLessThan(9);
  });

  it('of 20 000 fixes holds every one of them', async () => {
    const driver = await hub.person();
    const track = shifted(madeTrack(3, { fixes: 20_000, everyMs: 500 }), morning());
    const day = track.filter(({ at }) => at < morning() + 80_000_000);
    await handIn(hub, driver, phone(), batchesOf(numbered(day), 250));
    const trackableId = await ownTrackable(hub, driver);

    const text = await (await take(`trackables/${trackableId}/track/file?${range()}&format=gpx`, driver.token)).text();

    expect(text.match(/<trkpt /g)).toHaveLength(day.length);
  });

  it('is not there for another organisation, nor for a whole century', async () => {
    const { trackableId, driver } = await recorded();
    const stranger = await hub.person({ role: 'owner' });
    const path = `trackables/${trackableId}/track/file`;

    expect((await take(`${path}?${range()}&format=gpx`, stranger.token)).status).toBe(404);
    const century = await take(`${path}?from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&format=gpx`, driver.token);
    expect([century.status, await century.json()]).toMatchObject([422, { code: 'RANGE_TOO_LONG' }]);
  });
});

describe('trips and stops as a table', () => {
  it.each([
    ['trips', 'Purpose'],
    ['stops', 'Confidence'],
    ['gaps', 'Estimated'],
    ['speedings', 'Limit km/h'],
  ])('%s as CSV', async (table, heading) => {
    const { driver } = await recorded();

    const answer = await take(`exports/${table}?${range()}&format=csv`, driver.token);

    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(await answer.text()).toContain(heading);
  });

  it('guards names that would be formulas', async () => {
    const { driver } = await recorded();
    await hub.sql("UPDATE trackables SET name = '=1+1' WHERE org_id = ?", [driver.orgId]);

    const text = await (await take(`exports/trips?${range()}&format=csv`, driver.token)).text();

    expect(text).toContain("'=1+1");
    expect(text.trim().split('\r\n')).toHaveLength(2);
  });
});
