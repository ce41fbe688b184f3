import type { FlowPace } from '@loro/contracts/kit/session';
import { type FixesTaken, type Trackable, type TrackableMoved, trackingApi } from '@loro/contracts/tracking';
import { ulid } from '../../platform/ulid';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();
let second: TestNode;

beforeAll(async () => {
  second = await hub.secondNode();
}, 60_000);

let n = 0;
const fixNow = (change: Record<string, unknown> = {}) => {
  n += 1;
  return { n, at: hub.clock.now().toISOString(), lat: -26.1, lng: 28.05, accuracy: 5, ...change };
};

/** A phone on the first node, its owner, and an owner of the organisation who may watch. */
async function phone() {
  const driver = await hub.person();
  const boss = await hub.person({ role: 'owner', beside: driver });
  const socket = await hub.listen('/tracking', driver);
  const ids = { device: ulid(), boot: ulid() };
  const report = async (change: Record<string, unknown> = {}): Promise<FixesTaken> => {
    const reply = await socket.call<FixesTaken>('fix:report', { ...ids, fixes: [fixNow(change)] });
    if (!reply.ok) throw new Error(reply.error.detail);
    return reply.data;
  };
  const first = await report();
  return { driver, boss, socket, ids, report, first };
}

const fleetOf = ({ orgId, branchId }: Person) => `${orgId}:fleet:${branchId}`;

async function trackableOf(boss: Person): Promise<Trackable> {
  const { data } = await hub.api(trackingApi, boss).trackables();
  const [trackable] = data;
  if (!trackable) throw new Error('nothing is tracked');
  return trackable;
}

describe('the pace of a phone', () => {
  it('is slow while nobody watches', async () => {
    const { first } = await phone();

    expect(first.pace).toMatchObject({ intervalMs: 60_000, distanceM: 100 });
  });

  it('quickens when a fleet map opens on another node, and more when somebody follows this very phone', async () => {
    const { driver, boss, socket } = await phone();
    const { id } = await trackableOf(boss);
    const watcher = await hub.listen('/tracking', boss, second);

    await watcher.subscribe(fleetOf(driver));
    const onMap = await socket.next<FlowPace>('flow:pace', ({ intervalMs }) => intervalMs === 10_000);
    await watcher.subscribe(`${driver.orgId}:trackable:${id}`);
    const followed = await socket.next<FlowPace>('flow:pace', ({ intervalMs }) => intervalMs === 1_000);

    expect(onMap).toMatchObject({ distanceM: 10 });
    expect(followed).toMatchObject({ distanceM: 5 });
    expect(Date.parse(followed.until)).toBeGreaterThan(hub.clock.now().getTime());
  });

  it('slows down only when nobody has watched for fifteen seconds', async () => {
    const { driver, boss, socket, report } = await phone();
    const watcher = await hub.listen('/tracking', boss, second);
    await watcher.subscribe(fleetOf(driver));
    await socket.next<FlowPace>('flow:pace', ({ intervalMs }) => intervalMs === 10_000);

    await watcher.call('stream:unsubscribe', { streams: [fleetOf(driver)] });
    expect((await report()).pace).toBeUndefined();
    // Longer than the second node takes to say that the map is closed, shorter than the phone is kept waiting.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect((socket.heard('flow:pace') as FlowPace[]).at(-1)?.intervalMs).toBe(10_000);
    hub.clock.advance(15_001);

    expect(await socket.next<FlowPace>('flow:pace', ({ intervalMs }) => intervalMs === 60_000)).toMatchObject({
      distanceM: 100,
    });
  });

  it('comes in the answer over HTTP too, and to an app that started anew', async () => {
    const { driver, ids } = await phone();
    const api = hub.api(trackingApi, driver);

    const same = await api.report({ ...ids, fixes: [fixNow()] });
    const anew = await api.report({ ...ids, boot: ulid(), fixes: [fixNow()] });

    expect(same.pace).toBeUndefined();
    expect(anew.pace).toMatchObject({ intervalMs: 60_000 });
  });

  it('is not touched by a fleet map of another organisation', async () => {
    const { driver, socket, report } = await phone();
    const other = await hub.person({ role: 'owner' });
    const watcher = await hub.listen('/tracking', other, second);

    await watcher.subscribe(fleetOf(other));
    await watcher.call('stream:subscribe', { streams: [{ stream: fleetOf(driver) }] });
    await new Promise((resolve) => setTimeout(resolve, 4_000));

    expect((await report()).pace).toBeUndefined();
    expect(socket.heard('flow:pace')).toEqual([]);
  });
});

describe('following one trackable', () => {
  it('begins with its last position and hears every step, from whichever node', async () => {
    const { driver, boss, report } = await phone();
    const { id, key } = await trackableOf(boss);
    const watcher = await hub.listen('/tracking', boss, second);

    const { events } = await within(5_000, async () => {
      const answer = await watcher.subscribe(`${driver.orgId}:trackable:${id}`);
      expect(answer.events).toHaveLength(1);
      return answer;
    });
    await within(8_000, async () => {
      await report({ lat: -26.2, speed: 3 });
      expect(watcher.heard('trackable:moved').length).toBeGreaterThan(0);
    });

    expect(events).toMatchObject([['trackable:moved', { trackableId: id, key, lat: -26.1 }, {}]]);
    expect(await watcher.next<TrackableMoved>('trackable:moved')).toMatchObject({
      trackableId: id,
      key,
      lat: -26.2,
      lng: 28.05,
      speed: 3,
    });
  });

  it('is not for colleagues who may see only themselves', async () => {
    const { driver, boss } = await phone();
    const { id } = await trackableOf(boss);
    const colleague = await hub.person({ beside: driver });
    const socket = await hub.listen('/tracking', colleague);

    const reply = await socket.call('stream:subscribe', {
      streams: [{ stream: `${driver.orgId}:trackable:${id}` }],
    });

    expect(reply).toMatchObject({ ok: true, data: { streams: [{ error: { code: 'NOT_FOUND' } }] } });
  });
});
