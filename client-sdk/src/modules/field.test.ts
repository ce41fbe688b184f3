import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportFixes } from '@loro/contracts/tracking';
import { createLoroHub, type LoroHub, type RawReading } from '../index';
import { fileStorage } from '../node';
import { FakeHub, problem, until } from '../testing/fake-hub';
import { canonical } from './check-in-values';
import { pairOf } from './clocks';

let peer: FakeHub;
let hub: LoroHub;
/** What came, in order: `in` a check-in, `fix` a batch of fixes. */
let order: string[];
let items: Record<string, unknown>[];
let fixes: { n: number; at: string; segment: number; battery: number | null }[];
const open: LoroHub[] = [];

const position = { lat: 46, lng: 14, accuracy: 5, ageMs: 0 };
const checkIn = { type: 'office', kind: 'in', position } as const;
const reading = (northM: number, more: Partial<RawReading> = {}): RawReading => ({
  lat: 46 + northM / 111_195,
  lng: 14,
  accuracy: 5,
  ...more,
});
const recorded = (item: unknown) => {
  const { clientId } = item as { clientId: string };
  return { clientId, ok: true, recorded: { id: clientId, clientId, status: 'accepted' } };
};

function takeCheckIns(input: unknown): { results: unknown[] } {
  const given = (input as { items: Record<string, unknown>[] }).items;
  items.push(...given);
  order.push(...given.map(() => 'in'));
  return { results: given.map(recorded) };
}

async function signIn(options: Partial<Parameters<typeof createLoroHub>[0]> = {}): Promise<LoroHub> {
  const made = createLoroHub({ url: peer.url, ...options });
  open.push(made);
  await made.auth.signIn({ email: 'a@b.c', password: 'x' });
  return made;
}

/** Its app was looked at once, and is not any more. */
async function inBackground(client: LoroHub): Promise<void> {
  client.connect();
  await until(() => client.status.state === 'live', 'live');
  client.lifecycle.background();
}

beforeEach(async () => {
  peer = await FakeHub.start();
  order = [];
  items = [];
  fixes = [];
  peer.calls.set('fix:report', (input) => {
    const given = (input as ReportFixes).fixes as typeof fixes;
    fixes.push(...given);
    order.push('fix');
    return { upTo: Math.max(...given.map(({ n }) => n)), rejected: [] };
  });
  peer.calls.set('check-in:record-batch', takeCheckIns);
  peer.calls.set('time:sync', () => {
    const now = Date.now() + peer.clockOffsetMs;
    return { s1: now, s2: now };
  });
  hub = await signIn();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
  await peer.stop();
});

describe('check-ins without a connection', () => {
  it('are handed in before the fixes that were recorded after them', async () => {
    await inBackground(hub);
    peer.routes.set('POST /check-ins/batch', () => ({ status: 503, body: problem(503, 'DEPENDENCY_DOWN') }));
    peer.routes.set('POST /tracking/fixes', () => ({ status: 500, body: problem(500, 'INTERNAL') }));
    const recorder = hub.tracking.recorder({ intervalMs: 1, backgroundIntervalMs: 1 });
    const { kept, result } = hub.tracking.checkIns.record(checkIn);
    await kept;
    await recorder.report({ at: new Date().toISOString(), lat: 46, lng: 14, accuracy: 5 });
    await until(() => peer.requests.some(({ path }) => path === '/check-ins/batch'));
    expect(peer.requests.some(({ path }) => path === '/tracking/fixes')).toBe(false);

    hub.lifecycle.foreground();

    expect(await result).toMatchObject({ status: 'accepted' });
    await recorder.flush();
    expect(order).toEqual(['in', 'fix']);
    expect(hub.tracking.checkIns.pending).toEqual([]);
  });

  it('carry their moment by both clocks, and outlive a start of the app', async () => {
    const storage = fileStorage(join(mkdtempSync(join(tmpdir(), 'loro-sdk-')), 'values'));
    const first = await signIn({ storage });
    await inBackground(first);
    peer.routes.set('POST /check-ins/batch', () => ({ status: 503, body: problem(503, 'DEPENDENCY_DOWN') }));
    const before = Date.now();
    await first.tracking.checkIns.record({ ...checkIn, note: 'in the tunnel' }).kept;
    await first.close();

    const second = await signIn({ storage });
    const outcomes: unknown[] = [];
    second.tracking.checkIns.onSettled((outcome) => outcomes.push(outcome));
    second.connect();
    await until(() => outcomes.length > 0);

    expect(items).toMatchObject([
      { note: 'in the tunnel', live: false, bootId: expect.any(String), tz: expect.any(String) },
    ]);
    expect(items[0]?.['wallMs']).toBeGreaterThanOrEqual(before);
    expect(items[0]?.['monoMs']).toBeGreaterThan(0);
    expect(outcomes).toMatchObject([{ ok: true }]);
  });

  it('are told when the hub refuses one, and the others and the fixes go on', async () => {
    peer.calls.set('check-in:record-batch', (input) => {
      const { results } = takeCheckIns(input);
      const { code, title, status, detail } = problem(422, 'OUTSIDE_GEOFENCE');
      const first = { clientId: items[0]?.['clientId'], ok: false, error: { code, title, status, detail } };
      return { results: results.map((answer, at) => (at === 0 && items.length === 2 ? first : answer)) };
    });
    await inBackground(hub);
    peer.routes.set('POST /check-ins/batch', () => ({ status: 503, body: problem(503, 'DEPENDENCY_DOWN') }));
    const bad = hub.tracking.checkIns.record(checkIn);
    const good = hub.tracking.checkIns.record({ ...checkIn, kind: 'out' });
    await Promise.all([bad.kept, good.kept]);
    hub.lifecycle.foreground();

    await expect(bad.result).rejects.toMatchObject({ code: 'OUTSIDE_GEOFENCE', status: 422 });
    expect(await good.result).toMatchObject({ clientId: good.clientId });
    const recorder = hub.tracking.recorder();
    await recorder.report({ at: new Date().toISOString(), lat: 46, lng: 14, accuracy: 5 });
    await recorder.flush();
    expect(fixes).toHaveLength(1);
  });

  it('let the fixes go where the hub takes no check-ins of this person at all', async () => {
    peer.calls.set('check-in:record-batch', () => {
      throw problem(403, 'FORBIDDEN');
    });
    peer.routes.set('POST /check-ins/batch', () => ({ status: 403, body: problem(403, 'FORBIDDEN') }));
    await inBackground(hub);
    const { kept } = hub.tracking.checkIns.record(checkIn);
    await kept;
    peer.routes.set('POST /tracking/fixes', ({ body }) => {
      const given = body['fixes'] as typeof fixes;
      fixes.push(...given);
      return { body: { data: { upTo: given.at(-1)?.n, rejected: [] } } };
    });
    const recorder = hub.tracking.recorder({ backgroundIntervalMs: 1 });
    await recorder.report({ at: new Date().toISOString(), lat: 46, lng: 14, accuracy: 5 });

    await recorder.flush();

    expect(fixes).toHaveLength(1);
    expect(hub.tracking.checkIns.pending).toHaveLength(1);
  });

  it('are signed by the device’s key over everything else that is said', async () => {
    const said: string[] = [];
    const signer = {
      deviceId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      sign: async (bytes: Uint8Array) => {
        said.push(new TextDecoder().decode(bytes));
        return 'c2lnbmVk';
      },
    };
    hub.tracking.useDevice({ signer, steadyClock: { boot: 'phone-7', now: () => 5_520_000 } });

    await hub.tracking.checkIns.record(checkIn).result;

    const [{ signature, ...rest } = {}] = items;
    expect(signature).toBe('c2lnbmVk');
    expect(said.at(-1)).toBe(canonical(rest));
    expect(rest).toMatchObject({ deviceId: signer.deviceId, bootId: 'phone-7', monoMs: 5_520_000 });
    expect(() => hub.tracking.useDevice({})).toThrow('used already');
  });
});

describe('the clocks of device and hub', () => {
  it('are paired in the middle of the way there and back', () => {
    expect(pairOf({ s1: 10_000, s2: 10_020 }, { boot: 'b', sentMs: 500, gotMs: 620, wallMs: 3_000 })).toEqual({
      boot: 'b',
      serverMs: 10_070,
      monoMs: 620,
      wallOffsetMs: 7_070,
      roundTripMs: 100,
    });
  });

  it('date what was recorded by the hub’s, though the phone’s own is an hour wrong', async () => {
    peer.clockOffsetMs = 3_600_000;
    hub.connect();
    await hub.tracking.clock.start();
    await until(() => hub.tracking.clock.pair !== null);

    const moment = hub.tracking.clock.moment();

    expect(moment.source).toBe('paired');
    expect(Math.abs(moment.ms - Date.now() - 3_600_000)).toBeLessThan(2_000);
    const tracker = hub.tracking.tracker();
    await tracker.push(reading(0, { ageMs: 600_000 }));
    await tracker.recorder.flush();
    const at = Date.parse(fixes[0]?.at ?? '');
    expect(Math.abs(at - Date.now() - 3_000_000)).toBeLessThan(2_000);
  });

  it('are known roughly after a restart without a connection', async () => {
    const storage = fileStorage(join(mkdtempSync(join(tmpdir(), 'loro-sdk-')), 'values'));
    peer.clockOffsetMs = 3_600_000;
    const first = await signIn({ storage });
    first.connect();
    await first.tracking.clock.start();
    await until(() => first.tracking.clock.pair !== null);
    await first.close();

    const second = createLoroHub({ url: 'http://127.0.0.1:9', storage });
    open.push(second);
    second.tracking.useDevice({ steadyClock: { boot: 'another start', now: () => 1 } });
    await second.tracking.clock.start();

    const moment = second.tracking.clock.moment();
    expect(moment.source).toBe('corrected');
    expect(Math.abs(moment.ms - Date.now() - 3_600_000)).toBeLessThan(2_000);
  });
});
