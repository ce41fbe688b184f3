import type { ReportFixes } from '@loro/contracts/tracking';
import { createLoroHub, type FixSource, type LoroHub, type RawReading, type SamplingPlan } from '../index';
import { FakeHub, until } from '../testing/fake-hub';

let peer: FakeHub;
let hub: LoroHub;
let fixes: { n: number; at: string; segment: number; battery: number | null }[];

const reading = (northM: number, more: Partial<RawReading> = {}): RawReading => ({
  lat: 46 + northM / 111_195,
  lng: 14,
  accuracy: 5,
  ...more,
});

beforeEach(async () => {
  peer = await FakeHub.start();
  fixes = [];
  peer.calls.set('fix:report', (input) => {
    const given = (input as ReportFixes).fixes as typeof fixes;
    fixes.push(...given);
    return { upTo: Math.max(...given.map(({ n }) => n)), rejected: [] };
  });
  peer.calls.set('time:sync', () => ({ s1: Date.now(), s2: Date.now() }));
  hub = createLoroHub({ url: peer.url });
  await hub.auth.signIn({ email: 'a@b.c', password: 'x' });
});
afterEach(async () => {
  await hub.close();
  await peer.stop();
});

describe('a tracker', () => {
  /** A device that is asked by plan and answers when the test says so. */
  function device() {
    const plans: SamplingPlan[] = [];
    let give: ((reading: RawReading) => void) | null = null;
    const source: FixSource = {
      start(plan, onReading) {
        plans.push(plan);
        give = onReading;
        return () => {
          give = null;
        };
      },
    };
    return { plans, source, give: (given: RawReading) => give?.(given), isAsked: () => give !== null };
  }

  it('asks the device by the pace that the hub sends, and sends what is worth it', async () => {
    const { plans, source, give } = device();
    const tracker = hub.tracking.tracker({ source, intervalMs: 1 });
    tracker.start();
    give(reading(0));
    await until(() => fixes.length === 1);
    const pace = { intervalMs: 1_000, distanceM: 5, until: new Date(Date.now() + 60_000).toISOString() };
    peer.io.of('/tracking').emit('flow:pace', pace);
    await until(() => plans.length === 2);

    give(reading(1));
    give(reading(4, { ageMs: -2_000 }));
    give(reading(40, { ageMs: -3_000 }));
    await until(() => fixes.length === 2);

    expect(plans).toMatchObject([
      { intervalMs: 60_000, distanceM: 100 },
      { intervalMs: 1_000, distanceM: 5, accuracy: 'high' },
    ]);
    expect(tracker.plan).toEqual(plans[1]);
    expect(fixes.map(({ n }) => n)).toEqual([1, 2]);
  });

  it('lets the receiver sleep where it is quiet, and marks what the app wants', async () => {
    const { source, give, isAsked } = device();
    const tracker = hub.tracking.tracker({ source, mode: 'manual', intervalMs: 1 });
    tracker.start();
    expect(isAsked()).toBe(false);
    await expect(tracker.mark()).rejects.toMatchObject({ code: 'NO_POSITION' });

    expect(await tracker.push(reading(0))).toBe(false);
    await tracker.mark();
    tracker.setMode('move');
    expect(isAsked()).toBe(true);
    give(reading(500, { ageMs: -60_000 }));
    await until(() => fixes.length === 2);
    tracker.setMode('quiet');

    expect(isAsked()).toBe(false);
    expect(fixes).toHaveLength(2);
  });

  it('begins a segment of its own after a break, in order of time, with the battery', async () => {
    const { source, give } = device();
    const tracker = hub.tracking.tracker({ source, intervalMs: 1 });
    tracker.setBattery(0.6, false);
    tracker.start();
    give(reading(0));
    await until(() => fixes.length === 1);
    tracker.stop();
    give(reading(10));
    tracker.start();
    give(reading(20));
    await until(() => fixes.length === 2);

    expect(fixes).toMatchObject([
      { segment: 0, battery: 0.6 },
      { segment: 1, battery: 0.6 },
    ]);
    expect(Date.parse(fixes[1]?.at ?? '')).toBeGreaterThan(Date.parse(fixes[0]?.at ?? ''));
  });

  it('goes over HTTP at once, in large batches, while the app is in the background', async () => {
    const sent: number[] = [];
    peer.routes.set('POST /tracking/fixes', ({ body }) => {
      const given = body['fixes'] as { n: number }[];
      sent.push(given.length);
      return { body: { data: { upTo: given.at(-1)?.n, rejected: [] } } };
    });
    const recorder = hub.tracking.recorder({ batch: 50 });
    hub.connect();
    await until(() => hub.status.state === 'live', 'live');
    hub.lifecycle.background();
    for (let at = 0; at < 60; at += 1)
      await recorder.report({ at: new Date().toISOString(), lat: 46, lng: 14, accuracy: 5 });
    await until(() => recorder.pending === 10);
    expect(sent).toEqual([50]);

    await recorder.flush();
    expect(sent).toEqual([50, 10]);
    expect(hub.status).toMatchObject({ state: 'idle', reason: 'BACKGROUND' });
  });
});
