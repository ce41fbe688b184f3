import { join } from 'node:path';
import { fileFixes, fileStorage } from '@loro/client/node';
import { type Person, testHub } from '../../server/testing/test-hub';
import { Line } from '../examples/line';
import { clients, folder } from './kit';

const hub = testHub();
const client = clients(hub);
const position = { lat: -26.107567, lng: 28.056702, accuracy: 8, ageMs: 0 };
const storedOf = ({ orgId }: Person) =>
  hub.sql<{ at: Date; segment: number; battery: number | null }>(
    'SELECT at, segment, battery FROM fixes WHERE org_id = ? ORDER BY at',
    [orgId],
  );

describe('a phone in the field', () => {
  it('is recorded by a tracker, over HTTP while its app is in the background', async () => {
    const person = await hub.person();
    const phone = await client(person);
    const tracker = phone.tracking.tracker({ storage: fileFixes(join(folder(), 'fixes.jsonl')) });
    tracker.setBattery(0.5, false);
    phone.connect();
    await new Promise<void>((resolve) => phone.onStatus(({ state }) => state === 'live' && resolve()));
    phone.lifecycle.background();

    expect(await tracker.push({ lat: -26.1, lng: 28.05, accuracy: 5, ageMs: 120_000 })).toBe(true);
    expect(await tracker.push({ lat: -26.1, lng: 28.05, accuracy: 5, ageMs: 60_000 })).toBe(false);
    expect(await tracker.push({ lat: -26.11, lng: 28.05, accuracy: 5 })).toBe(true);
    await tracker.recorder.flush();

    expect(phone.status.reason).toBe('BACKGROUND');
    const stored = await storedOf(person);
    expect(stored.map(({ segment, battery }) => [segment, battery])).toEqual([
      [0, 0.5],
      [0, 0.5],
    ]);
    expect(Number(stored[1]?.at) - Number(stored[0]?.at)).toBeGreaterThan(119_000);
  });

  it('has its clocks compared with the hub’s', async () => {
    const phone = await client(await hub.person());
    phone.connect();
    await phone.tracking.clock.start();

    const pair = await phone.tracking.clock.sync();

    expect(pair?.boot).toBe(phone.tracking.clock.boot);
    expect(Math.abs((pair?.serverMs ?? 0) - hub.clock.now().getTime())).toBeLessThan(5_000);
    expect(phone.tracking.clock.moment().source).toBe('paired');
  });

  it('hands in what was checked in without a connection with the time at which it was, and then its fixes', async () => {
    const person = await hub.person();
    const dir = folder();
    const storage = fileStorage(join(dir, 'values.json'));
    const fixes = () => fileFixes(join(dir, 'fixes.jsonl'));
    const line = await Line.open(hub.url);
    const away = await client(person, { storage, url: line.url });
    expect(away.tracking.checkIns.pending).toEqual([]);
    while ((await storage.get('loro:who')) === null) await new Promise((resolve) => setTimeout(resolve, 10));
    // The phone is in a tunnel.
    line.close();
    const before = Date.now();
    await away.tracking.checkIns.record({ type: 'office', kind: 'in', position, note: 'from the tunnel' }).kept;
    const recorder = away.tracking.recorder({ storage: fixes() });
    await recorder.report({ at: new Date().toISOString(), lat: -26.1, lng: 28.05, accuracy: 5 });
    await away.close();
    expect(await storedOf(person)).toEqual([]);

    const back = await client(person, { storage });
    const outcomes: { ok: boolean }[] = [];
    back.tracking.checkIns.onSettled((outcome) => outcomes.push(outcome));
    await back.tracking.recorder({ storage: fixes() }).flush();

    expect(outcomes).toMatchObject([{ ok: true, recorded: { timeSource: 'bounded' } }]);
    expect(await storedOf(person)).toHaveLength(1);
    const { data } = await back.checkIns.records({ userId: person.userId });
    expect(data).toMatchObject([{ note: 'from the tunnel', kind: 'in', network: 'offline' }]);
    expect(Math.abs(Date.parse(data[0]?.occurredAt ?? '') - before)).toBeLessThan(10_000);
  });
});
