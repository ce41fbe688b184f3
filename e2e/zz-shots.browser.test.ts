import { activityApi } from '@loro/contracts/activity';
import { branchesApi } from '@loro/contracts/branches';
import { checkInsApi } from '@loro/contracts/check-ins';
import { dutyApi } from '@loro/contracts/check-ins-duty';
import { peopleApi } from '@loro/contracts/people';
import { trackingApi } from '@loro/contracts/tracking';
import { ulid } from 'ulid';
import { Scene } from '../server/testing/attendance-scene';
import { AT_BORDER, checkIn, OFFICE } from '../server/testing/check-in-people';
import { LeaveOffice } from '../server/testing/leave-office';
import { testHub } from '../server/testing/test-hub';
import { PAGES, signIn, TestBrowser } from './browser/browser';

const hub = testHub({ pages: PAGES });
const browser = new TestBrowser();
jest.setTimeout(400_000);
beforeAll(() => browser.start());
afterAll(() => browser.stop());

it('shoots', async () => {
  const { orgId } = await hub.person();
  const branchId = await hub.branch(orgId, OFFICE);
  const at = { beside: { orgId, branchId } };
  const owner = await hub.person({ role: 'owner', ...at });
  const hr = await hub.person({ role: 'hr', ...at });
  const manager = await hub.person({ role: 'manager', ...at });
  const staff = await Promise.all([1, 2, 3, 4].map(() => hub.person(at)));
  const names = ['Naledi Mokoena', 'Johan Pretorius', 'Aisha Khan', 'Sipho Dlamini'];
  for (const [i, person] of staff.entries()) await hub.sql('UPDATE users SET name = ?, manager_id = ? WHERE id = ?', [names[i], manager.userId, person.userId]);
  const tryIt = async (name: string, work: () => Promise<unknown>) => work().catch((e: unknown) => process.stderr.write(`${name}: ${String(e)} ${JSON.stringify((e as {problem?: unknown}).problem ?? '')}\n`));
  const b = hub.api(branchesApi, owner);
  await tryIt('branches', async () => {
    await b.create({ code: 'RB-1', name: 'Rosebank', timezone: 'Africa/Johannesburg', parentId: branchId, kind: 'store', position: { lat: -26.1467, lng: 28.0436 }, fence: { center: { lat: -26.1467, lng: 28.0436 }, radiusM: 300 } });
    await b.setHours({ branchId, weekly: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opensAt: '08:00', closesAt: '17:00' })) }, { headers: { 'if-match': '"1"' } });
    const today = new Date().toISOString().slice(0, 10);
    await b.setMetrics({ branchId, metric: 'visits', days: [{ date: today, value: 12, target: 10 }] });
    await b.createGeofence({ name: 'Acme yard', branchId, shape: { kind: 'polygon', corners: [{ lat: -26.11, lng: 28.05 }, { lat: -26.11, lng: 28.06 }, { lat: -26.104, lng: 28.062 }, { lat: -26.103, lng: 28.05 }] }, speedLimitKmh: 30 });
  });
  await tryIt('team', () => hub.api(peopleApi, owner).createTeam({ name: 'Night shift', branchId, leadId: manager.userId }));
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 70 * 60_000;
  await tryIt('track', async () => {
    const metres = (m: number) => (m < 10 ? 0 : m < 20 ? (m - 10) * 600 : m < 40 ? 6_000 : 6_000 + (m - 40) * 300);
    const fixes = Array.from({ length: 121 }, (_, h) => ({ n: h + 1, at: new Date(startMs + h * 30_000).toISOString(), lat: OFFICE.lat + metres(h / 2) / 111_195, lng: OFFICE.lng + Math.sin(h / 9) * 0.002 * (metres(h / 2) > 0 ? 1 : 0), accuracy: 5, speed: h / 2 >= 10 && h / 2 < 20 ? 10 : 0 }));
    await hub.api(trackingApi, staff[0]!).report({ device: ulid(), boot: ulid(), fixes });
    await hub.work('tracking.follow-tracks'); await hub.work('tracking.compute-day');
  });
  await tryIt('checkins', async () => {
    await hub.api(checkInsApi, staff[1]!).record(checkIn({ position: AT_BORDER, note: 'At the gate' }));
    await hub.api(checkInsApi, staff[2]!).record(checkIn({ note: 'Early shift' }));
  });
  await tryIt('duty', () => hub.api(dutyApi, staff[1]!).set({ state: 'break' }));
  await tryIt('attendance', async () => {
    const scene = new Scene(hub);
    for (const person of staff) await scene.roster(owner, person.userId);
    for (const back of [1, 2, 3]) {
      const date = new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
      for (const [i, person] of staff.entries()) { if (i !== back) await scene.punch(owner, person.userId, date, `in 0${6 + i}:10`, 'out 16:30'); await scene.compute(person, date); }
    }
  });
  await tryIt('leave', async () => {
    const office = new LeaveOffice(hub, hr, manager);
    const type = await office.type('annual', { annualMilliDays: 20_000, needsBalance: false });
    const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
    await office.ask(staff[0]!, type, day(1), day(5));
    await office.take(staff[1]!, type, day(1), day(2));
    await office.ask(staff[2]!, type, day(2), day(2));
  });
  await tryIt('figures', async () => {
    const a = hub.api(activityApi, owner);
    await a.createMetricDef({ key: 'queue.length', name: 'Length of the queue', kind: 'gauge' });
    await a.ingestMetrics({ points: [0, 1, 2, 3, 4].map((h) => ({ id: ulid(), metric: 'queue.length', value: 42 - h * 5, at: new Date(Date.now() - h * 3_600_000 - 60_000).toISOString() })) });
    await hub.work('tracking.roll-up');
    await a.createAlertRule({ name: 'Too long a queue', metric: 'queue.length', expr: { op: '>', threshold: 10 }, forSec: 0 });
    await hub.work('tracking.judge-alerts', { tick: hub.clock.now().toISOString() });
  });
  const pages = [`branches/${branchId}`, 'fences', 'journeys', 'duty', 'time', 'leave', 'figures/alerts'];
  for (const [name, options, scheme] of [['phone', { viewport: { width: 390, height: 800 } }, 'light']] as const) {
    const { page, trouble } = await browser.visit(`${hub.url}/check-ins`, { ...options, colorScheme: scheme });
    await signIn(page, owner);
    await page.getByRole('heading', { name: 'Check-ins' }).waitFor();
    for (const where of pages) {
      await page.goto(`${hub.url}/${where}`);
      await page.waitForTimeout(2200);
      if (where === `branches/${branchId}`) { await page.getByRole('button', { name: 'Change on the map' }).click().catch(() => undefined); await page.waitForTimeout(500); }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      if (wide) process.stderr.write(`WIDE ${name} ${where}\n`);
      await page.screenshot({ path: `/tmp/shots/${name}-${where.replaceAll(/[/?=.]/g, '_').replace(branchId, 'b')}.png` });
    }
    process.stderr.write(trouble.splice(0).join('\n'));
  }
});
