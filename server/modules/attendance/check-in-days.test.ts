import { checkInsApi } from '@loro/contracts/check-ins';
import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import { streamName } from '@loro/contracts/kit/live';
import { Scene } from '../../testing/attendance-scene';
import { AT_OFFICE, checkIn, officeWorker } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';
import { auth } from '../auth';

const hub = testHub();
const scene = new Scene(hub);
const DAY = '2027-02-01';

/** Does what check-ins asked of attendance, in an order of its own, and computes the day. */
async function follow({ orgId, userId }: Person): Promise<void> {
  const jobs = await hub.sql<{ payload: string }>(
    "SELECT payload FROM outbox_jobs WHERE name = 'attendance.take-check-in' ORDER BY id DESC",
  );
  for (const { payload } of jobs) {
    const asked = JSON.parse(payload) as { orgId: string; checkInId: string };
    if (asked.orgId === orgId) await hub.work('attendance.take-check-in', asked);
  }
  await hub.work('attendance.compute-day', { orgId, userId, date: DAY });
}

describe('acceptance: an offline morning (H1)', () => {
  it('makes a day of what the phone hands in at half past eleven, withdraws the alert, and tells each listener once', async () => {
    scene.setClock(DAY, '00:05');
    const early = await officeWorker(hub);
    const boss = await hub.person({ role: 'admin', beside: early });
    await scene.roster(boss, early.userId);
    // The phone cannot prove when it was: the organisation lets such check-ins count until somebody looks at them.
    const settings = { payWhileFlagged: true };
    await hub.api(checkInSetupApi, boss).makeRule({ type: 'office', settings });
    await hub.work('attendance.plan-branch', { orgId: early.orgId, branchId: early.branchId, date: DAY });
    scene.setClock(DAY, '08:45');
    await scene.tick();
    scene.setClock(DAY, '11:30');
    const { accessToken } = await signIn(early);
    const worker = { ...early, token: accessToken };
    const listeners = [];
    for (let count = 0; count < 2; count += 1) {
      const listener = await hub.listen('/check-ins', await scene.beside(early, 'manager'));
      await listener.subscribe(streamName(early.orgId, 'attendance', early.branchId));
      listeners.push(listener);
    }
    const wall = (time: string) => ({ live: false, wallMs: Date.parse(scene.at(DAY, time)) });
    const target = { type: 'client' as const, id: '01JH3Z4R1YXK0T9V8W7Q6P5N4M' };
    const visit = {
      type: 'client-visit' as const,
      target,
      targetFence: { lat: AT_OFFICE.lat, lng: AT_OFFICE.lng, radiusM: 500 },
    };

    const { results } = await hub.api(checkInsApi, worker).recordBatch({
      items: [
        checkIn(wall('08:02')),
        checkIn({ ...wall('09:15'), ...visit }),
        checkIn({ ...wall('10:05'), ...visit, kind: 'out' }),
      ],
    });
    await follow(worker);
    await follow(worker);

    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    const reader = await scene.beside(early, 'admin');
    expect(await scene.day(reader, worker.userId, DAY)).toEqual([
      expect.objectContaining({ status: 'present', lateSec: 0, openSince: scene.at(DAY, '08:02') }),
    ]);
    for (const listener of listeners) {
      await listener.next('attendance:absence-withdrawn');
      await listener.next('attendance:day-updated');
      expect(listener.heard('attendance:day-updated')).toHaveLength(1);
    }
  });
});

const signIn = ({ orgId, userId }: Person) =>
  hub.hub.use(auth).sessions.open(orgId, userId, { name: 'test', ip: '127.0.0.1' });
