import { streamName } from '@loro/contracts/kit/live';
import { type FixesMoved, trackingApi, trackingLive } from '@loro/contracts/tracking';
import { checkInsApi } from '@loro/contracts/check-ins';
import { setImmediate as turn } from 'node:timers/promises';
import type { Listener } from '../../testing/listener';
import { testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { ulid } from '../ulid';

const hub = testHub();
const fixAt = (lat: number) => ({ n: 1, at: new Date().toISOString(), lat, lng: 28.05, accuracy: 5 });

/** The client's own network socket: pausing it is a browser whose tab the system has put to sleep. */
function networkOf({ socket }: Listener): { pause(): void; resume(): void } {
  const ws = Reflect.get(socket.io.engine.transport, 'ws') as { _socket: { pause(): void; resume(): void } };
  return ws._socket;
}

const NEWEST = -265_000_000;
const shows = ({ data }: { data: unknown }): boolean =>
  (data as FixesMoved).fixes.some(([, , latE7]) => latE7 === NEWEST);
const moves = ({ all }: Listener) => all.filter(({ event }) => event === 'fixes:moved');

describe('a browser that stops reading', () => {
  it('keeps memory bounded, and is shown the newest positions when it reads again', async () => {
    const manager = await hub.person({ role: 'manager' });
    const driver = await hub.person({ beside: manager });
    const fleet = streamName(manager.orgId, 'fleet', manager.branchId);
    const asleep = await hub.listen('/tracking', manager);
    const awake = await hub.listen('/tracking', manager);
    for (const listener of [asleep, awake]) await listener.subscribe(fleet);
    networkOf(asleep).pause();

    const crowd = Array.from(
      { length: 2_000 },
      (_, index) => [index + 10, 0, 1, 1, 5, -1, -1] as FixesMoved['fixes'][0],
    );
    for (let tick = 0; tick < 150; tick += 1) {
      hub.hub.emitLatest(
        trackingLive,
        'fixes:moved',
        { orgId: manager.orgId, id: manager.branchId },
        { at: new Date().toISOString(), fixes: crowd },
      );
      await turn();
    }
    await hub.api(trackingApi, driver).report({ device: ulid(), boot: ulid(), fixes: [fixAt(-26.5)] });

    await within(10_000, () => expect(moves(awake).some(shows)).toBe(true));
    const { slow } = hub.gateway.gateway.fast ?? {};
    expect(slow?.list(10).map(({ bytes }) => bytes < 1024 * 1024)).toEqual([true]);
    expect(moves(asleep).some(shows)).toBe(false);

    networkOf(asleep).resume();
    await within(10_000, () => expect(moves(asleep).some(shows)).toBe(true));
    expect(moves(asleep).find(shows)?.meta).toMatchObject({ stream: fleet, skipped: expect.any(Number) as number });
    expect(moves(asleep).length).toBeLessThan(moves(awake).length);
    expect(slow?.size).toBe(0);
  });

  it('is sent away when events pile up that may not be skipped, and resumes them all', async () => {
    const manager = await hub.person({ role: 'manager' });
    const branch = streamName(manager.orgId, 'branch', manager.branchId);
    const asleep = await hub.listen('/check-ins', manager);
    const joined = await asleep.subscribe(branch);
    const staff = await Promise.all(Array.from({ length: 4 }, () => hub.person({ beside: manager })));
    networkOf(asleep).pause();

    // The kernel holds a few megabytes for a reader before this process has to; events of a busy year fill them.
    const bulk = 'x'.repeat(200_000);
    for (let n = 0; n < 60; n += 1) {
      const io = hub.hub.live.io.of('/check-ins');
      io.to(branch).emit('bulk', bulk, { stream: branch, n: 1_000 + n, epoch: 'none' });
      await turn();
    }
    for (const person of staff) await hub.api(checkInsApi, person).start({ position: { lat: -26.2, lng: 28.05 } });

    await within(10_000, () => expect(asleep.socket.connected && hub.gateway.gateway.fast?.slow.size).not.toBe(1));
    networkOf(asleep).resume();
    await asleep.closed;
    const again = await hub.listen('/check-ins', manager);
    const resumed = await again.subscribe(branch, { epoch: joined.epoch ?? '', n: joined.n ?? 0 });
    expect(resumed).toMatchObject({ recovered: true });
    expect(resumed.events).toHaveLength(4);
  });
});
