import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkInsApi } from '@loro/contracts/check-ins';
import { trackingApi } from '@loro/contracts/tracking';
import { Line } from '../examples/line';
import { type Person, testHub } from '../../server/testing/test-hub';
import { within } from '../../server/testing/within';
import { folder, gpxOf, type Run, run } from './kit';

jest.setTimeout(60_000);
const hub = testHub();
const running: Run[] = [];
const lines: Line[] = [];
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill();
  for (const line of lines.splice(0)) line.close();
});

const as = ({ email, password }: Person, url = hub.url) => ['--url', url, '--user', email, '--password', password];
const place = { lat: -26.2041, lng: 28.0473 };

function start(...args: Parameters<typeof run>): Run {
  const started = run(...args);
  running.push(started);
  return started;
}

async function play(text: string, person: Person, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const dir = folder();
  const file = join(dir, 'track.gpx');
  writeFileSync(file, text);
  const { ended, output } = start('phone.ts', [file, ...as(person), '--buffer', join(dir, 'buffer'), ...args]);
  return { code: await ended, output: output() };
}

async function trackOf(person: Person) {
  const api = hub.api(trackingApi, person);
  const { data } = await api.trackables();
  return api.track({ trackableId: data[0]?.id ?? '' });
}

const rowsOf = (person: Person) =>
  hub.sql<{ boot: string; n: number }>(
    'SELECT f.boot, f.n FROM fixes f JOIN trackables t ON t.id = f.trackable_id WHERE t.user_id = ? ORDER BY f.boot, f.n',
    [person.userId],
  );

describe('playing tracks as a phone', () => {
  it('stores every point of several tracks once, over lines that are cut three times each', async () => {
    const person = await hub.person();
    const walks = [
      { segments: [60, 0, 45], stepM: 12, lng: 14.1, startsAt: '2026-05-04T08:00:00Z' },
      { segments: [80], stepM: 3, lng: 14.2, startsAt: '2026-05-05T08:00:00Z' },
      { segments: [9], stepM: 20, lng: 14.3, startsAt: '2026-05-06T08:00:00Z' },
    ];

    const ends = await Promise.all(walks.map((walk) => play(gpxOf(walk), person, '--cut', '3')));

    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(ends.map(({ output }) => /done: .*/.exec(output)?.[0])).toEqual([
      'done: 105 points, 105 acked, 0 rejected, 3 cuts',
      'done: 80 points, 80 acked, 0 rejected, 3 cuts',
      'done: 9 points, 9 acked, 0 rejected, 3 cuts',
    ]);
    const rows = await rowsOf(person);
    expect(rows).toHaveLength(194);
    expect(new Set(rows.map(({ boot, n }) => `${boot} ${n}`)).size).toBe(194);
    const { properties, geometry } = await trackOf(person);
    expect(geometry.coordinates.map((line) => line.length)).toEqual([60, 45, 80, 9]);
    expect(properties.lengthM).toBeCloseTo((59 + 44) * 12 + 79 * 3 + 8 * 20, 0);
    expect(properties.from).toBe('2026-05-04T08:00:00.000Z');
  });

  it('doubles nothing when a file is played again', async () => {
    const person = await hub.person();
    const text = gpxOf({ segments: [12], stepM: 5, startsAt: '2026-05-04T08:00:00Z' });

    await play(text, person);
    const again = await play(text, person);

    expect(again.output).toContain('done: 12 points, 12 acked, 0 rejected');
    expect(await rowsOf(person)).toHaveLength(12);
  });

  it('goes on where it was stopped, and stores everything once', async () => {
    const person = await hub.person();
    const dir = folder();
    const file = join(dir, 'track.gpx');
    writeFileSync(file, gpxOf({ segments: [40], stepM: 5, startsAt: '2026-05-04T08:00:00Z' }));
    const args = [file, ...as(person), '--buffer', dir];
    const stopped = start('phone.ts', [...args, '--speed', '50']);
    await within(20_000, () => expect(stopped.output()).toMatch(/[1-9]\d* of 40 acked/));

    stopped.child.kill('SIGINT');
    const code = await stopped.ended;
    const again = start('phone.ts', args);
    await again.ended;

    expect(code).toBe(130);
    expect(again.output()).toMatch(/going on after point \d+/);
    expect(again.output()).toMatch(/done: 40 points, .*, 0 rejected, \d+ taken by the earlier playback/);
    expect((await rowsOf(person)).map(({ n }) => n)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('stamps the time of sending when it plays as now', async () => {
    const person = await hub.person();
    const before = Date.now();

    await play(
      gpxOf({ segments: [5], stepM: 5, startsAt: '2026-05-04T08:00:00Z' }),
      person,
      '--as-now',
      '--speed',
      '200',
    );

    const { properties } = await trackOf(person);
    const times = properties.times.flat().map((at) => Date.parse(at));
    expect(times).toHaveLength(5);
    expect(times[0]).toBeGreaterThanOrEqual(before - 1_000);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('gives points without a time increasing ones, and says so', async () => {
    const person = await hub.person();

    const { output } = await play(gpxOf({ segments: [4], stepM: 5 }), person, '--start', '2026-05-04T08:00:00Z');

    expect(output).toContain('no point has a time: they are set a second apart from 2026-05-04T08:00:00.000Z on');
    const { properties } = await trackOf(person);
    expect(properties.times).toEqual([[0, 1, 2, 3].map((second) => `2026-05-04T08:00:0${second}.000Z`)]);
  });

  it('names a point that the hub cannot read, and delivers the others', async () => {
    const person = await hub.person();
    const text = gpxOf({ segments: [3], stepM: 5, startsAt: '2026-05-04T08:00:00Z' }).replace(
      /lat="[\d.]+"/,
      'lat="200"',
    );

    const { output } = await play(text, person);

    expect(output).toMatch(/point 1 was rejected: .*lat/);
    expect(output).toContain('done: 3 points, 2 acked, 1 rejected');
    expect(await rowsOf(person)).toHaveLength(2);
  });

  it('has nothing to do where there is no track, and says what is wrong with a bad file', async () => {
    const person = await hub.person();

    const noTrack = await play('\uFEFF<?xml version="1.0"?><gpx><wpt lat="1" lon="2"/></gpx>', person);
    const noXml = await play('this is no track', person);
    const noGpx = await play('<html><body/></html>', person);

    expect(noTrack).toMatchObject({ code: 0, output: expect.stringContaining('holds no track point') });
    expect(noXml).toMatchObject({ code: 1, output: expect.stringContaining('This is not XML: line 1') });
    expect(noGpx).toMatchObject({ code: 1, output: expect.stringContaining('it holds <html>, not <gpx>') });
  });
});

describe('showing a fleet in the terminal', () => {
  it('draws who is where, and tells when somebody moves', async () => {
    const person = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: person });
    const fleet = start('fleet.ts', as(manager));
    await within(20_000, () => expect(fleet.output()).toContain('0 tracked, connection live'));

    await play(
      gpxOf({ segments: [2], stepM: 10, startsAt: '2026-05-04T08:00:00Z' }),
      person,
      '--as-now',
      '--speed',
      '100',
    );

    await within(10_000, () => expect(fleet.output()).toMatch(new RegExp(`${person.name} .*46\\.00009, 14\\.50000`)));
  });
});

describe('listening without the SDK', () => {
  it('prints every check-in once, also those that came while its line was cut', async () => {
    const person = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: person });
    const line = await Line.open(hub.url);
    lines.push(line);
    const listener = start('listen.mjs', as(manager, line.url));
    const printed = () =>
      listener
        .output()
        .split('\n')
        .filter((text) => text.startsWith('{"event":"check-in:'))
        .map((text): { event: string; n: number } => JSON.parse(text));
    const api = hub.api(checkInsApi, person);
    const comeAndGo = async (): Promise<void> => {
      const { id } = await api.start({ position: place });
      await api.end({ checkInId: id, position: place });
    };
    await within(20_000, () => expect(listener.output()).toContain('trackable:keyed'));

    await comeAndGo();
    await within(10_000, () => expect(printed()).toHaveLength(2));
    line.cut();
    await comeAndGo();
    await within(20_000, () => expect(printed()).toHaveLength(4));
    line.cut();
    await comeAndGo();
    await within(20_000, () => expect(printed()).toHaveLength(6));

    expect(printed().map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
