import { createLoroHub, type LoroHub } from '@loro/client';
import { ulid } from 'ulid';
import { testHub, type Person } from '../server/testing/test-hub';
import { within } from '../server/testing/within';
import { System } from './system';

const people = testHub();
let system: System;
const open: LoroHub[] = [];

beforeAll(async () => {
  system = new System(people);
  await system.start();
}, 60_000);
afterEach(async () => {
  for (const hub of open.splice(0)) await hub.close();
});
afterAll(() => system.stop(), 60_000);

function client(url: string, { token }: Person): LoroHub {
  const hub = createLoroHub({ url, token: () => token });
  open.push(hub);
  hub.connect();
  return hub;
}

const near = (n: number) => ({ lat: -26.2 + n * 1e-5, lng: 28.05, accuracy: 5 });

describe('two gateways and a worker', () => {
  it('show at one gateway what a phone hands in at the other', async () => {
    const manager = await people.person({ role: 'manager' });
    const driver = await people.person({ beside: manager });
    const dashboard = client(system.b.url, manager);
    const fleet = dashboard.tracking.fleet([manager.branchId]);
    await fleet.ready;
    const recorder = client(system.a.url, driver).tracking.recorder({ device: ulid(), intervalMs: 50 });

    await recorder.report({ at: new Date().toISOString(), ...near(1) });
    await recorder.flush();

    await within(10_000, () => {
      const positions = [...fleet.members.values()].map(({ position }) => position && Math.round(position.lat * 1e5));
      expect(positions).toEqual([-2_619_999]);
    });
  });

  it('bring a report that the worker made to its requester, whichever gateway he is at', async () => {
    const manager = await people.person({ role: 'manager' });
    const driver = await people.person({ beside: manager });
    const phone = client(system.a.url, driver).tracking.recorder({ device: ulid(), intervalMs: 50 });
    const day = new Date().toISOString().slice(0, 10);
    for (let n = 0; n < 20; n += 1)
      await phone.report({ at: new Date(Date.now() - (20 - n) * 1_000).toISOString(), ...near(n * 30) });
    await phone.flush();
    const heard: { name: string; percent?: number; rows?: number }[] = [];
    const atB = client(system.b.url, manager);
    atB.reports.on('report:progressed', ({ percent }) => heard.push({ name: 'progressed', percent }));
    atB.reports.on('report:finished', ({ result }) => heard.push({ name: 'finished', rows: result?.rows.length ?? 0 }));
    await within(10_000, () => expect(atB.status.state).toBe('live'));

    await client(system.a.url, manager).reports.request({
      kind: 'tracking.daily-distance',
      params: { from: day, to: day },
    });

    await within(20_000, () => expect(heard.at(-1)).toEqual({ name: 'finished', rows: 1 }));
    expect(heard.some(({ name }) => name === 'progressed')).toBe(true);
  });
});

describe('killing a gateway while phones stream', () => {
  it('loses no acknowledged fix and stores none twice, and the newest is on the screens', async () => {
    const manager = await people.person({ role: 'manager' });
    const drivers = await Promise.all(Array.from({ length: 50 }, () => people.person({ beside: manager })));
    const recorders = drivers.map((driver) =>
      client(system.a.url, driver).tracking.recorder({ device: ulid(), intervalMs: 100 }),
    );
    const seen = client(system.a.url, manager).tracking.fleet([manager.branchId]);
    await seen.ready;
    let acknowledged = 0;
    for (const recorder of recorders) recorder.onSent(({ fixes }) => (acknowledged += fixes));

    const fixes = 60;
    for (let n = 1; n <= fixes; n += 1) {
      const at = new Date().toISOString();
      await Promise.all(recorders.map((recorder) => recorder.report({ at, ...near(n) })));
      if (n === 20) {
        await system.a.kill();
        void system.a.start();
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await Promise.all(recorders.map((recorder) => recorder.flush()));

    const rows = await people.sql<{ device: string; fixes: number; numbers: number; newest: number }>(
      `SELECT device_id AS device, COUNT(*) AS fixes, COUNT(DISTINCT n) AS numbers, MAX(n) AS newest FROM fixes
       WHERE org_id = ? GROUP BY device_id`,
      [manager.orgId],
    );
    expect(rows).toHaveLength(50);
    expect(rows.every((row) => row.fixes === fixes && row.numbers === fixes && row.newest === fixes)).toBe(true);
    expect(acknowledged).toBeGreaterThanOrEqual(50 * fixes);
    const last = Math.round(near(fixes).lat * 1e7);
    // A client that tried often waits up to half a minute before the next try.
    await within(45_000, () => {
      const positions = [...seen.members.values()].map(({ position }) => Math.round((position?.lat ?? 0) * 1e7));
      expect(positions).toEqual(Array.from({ length: 50 }, () => last));
    });
    // MySQL's newest positions follow within a second.
    await within(5_000, async () => {
      const stored = await people.sql<{ lat: number }>(
        'SELECT DISTINCT lat_e7 AS lat FROM last_positions WHERE org_id = ?',
        [manager.orgId],
      );
      expect(stored).toEqual([{ lat: last }]);
    });
  }, 120_000);
});
