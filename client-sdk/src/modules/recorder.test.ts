import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportFixes } from '@loro/contracts/tracking';
import { createLoroHub, type LoroHub, memoryFixes } from '../index';
import { fileFixes } from '../node';
import { FakeHub, problem, until } from '../testing/fake-hub';

let peer: FakeHub;
let hub: LoroHub;
let batches: number[][];

beforeEach(async () => {
  peer = await FakeHub.start();
  hub = createLoroHub({ url: peer.url });
  await hub.auth.signIn({ email: 'a@b.c', password: 'x' });
  batches = [];
  peer.calls.set('fix:report', (input) => take(input as ReportFixes));
});
afterEach(async () => {
  await hub.close();
  await peer.stop();
});

const reading = { at: '2026-05-04T08:00:00.000Z', lat: 46, lng: 14, accuracy: 5 };

function take({ fixes }: ReportFixes): object {
  const numbers = fixes.map((fix) => (fix as { n: number }).n);
  batches.push(numbers);
  return { upTo: Math.max(...numbers), rejected: [] };
}

describe('recording', () => {
  it('sends in batches, the next when the one before was answered', async () => {
    const recorder = hub.tracking.recorder({ batch: 3, intervalMs: 60_000 });

    await Promise.all(Array.from({ length: 7 }, () => recorder.report(reading)));
    await recorder.flush();

    expect(batches).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  it('sends a batch again whose answer was lost', async () => {
    let answers = 0;
    peer.calls.set('fix:report', (input) => {
      const answer = take(input as ReportFixes);
      if (answers++ > 0) return answer;
      peer.cut();
      return 'never';
    });
    const recorder = hub.tracking.recorder();

    await recorder.report(reading);
    await recorder.flush();

    expect(batches).toEqual([[1], [1]]);
    expect(recorder.pending).toBe(0);
  });

  it('goes over HTTP where no socket can be had', async () => {
    peer.refuse = () => problem(503, 'NODE_OVERLOADED', { retryAfterMs: 60_000 });
    peer.routes.set('POST /tracking/fixes', ({ body }) => ({ body: { data: take(body as ReportFixes) } }));
    const recorder = hub.tracking.recorder();

    await recorder.report(reading);
    await recorder.flush();

    expect(batches).toEqual([[1]]);
  }, 15_000);

  it('halves a batch that the hub finds too large', async () => {
    peer.calls.set('fix:report', (input) => {
      if ((input as ReportFixes).fixes.length > 2) throw problem(413, 'PAYLOAD_TOO_LARGE');
      return take(input as ReportFixes);
    });
    const recorder = hub.tracking.recorder({ batch: 8, intervalMs: 60_000 });

    await Promise.all(Array.from({ length: 4 }, () => recorder.report(reading)));
    await recorder.flush();

    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('keeps the newest fixes when its room is used up, and counts the others', async () => {
    await hub.auth.signOut();
    const recorder = hub.tracking.recorder({ capacity: 5 });

    for (let n = 0; n < 8; n++) await recorder.report(reading);
    await hub.auth.signIn({ email: 'a@b.c', password: 'x' });
    await until(() => batches.length > 0, 'a batch');

    expect(recorder.dropped).toBe(3);
    expect(batches).toEqual([[4, 5, 6, 7, 8]]);
  });

  it('tells the pace that the hub asks for', async () => {
    const recorder = hub.tracking.recorder();
    const pace = { intervalMs: 1_000, distanceM: 5, until: '2026-05-04T08:00:00.000Z' };
    const heard: unknown[] = [];
    recorder.onPace((asked) => heard.push(asked));
    await recorder.report(reading);
    await recorder.flush();

    peer.say('flow:pace', pace);
    await until(() => recorder.pace !== null, 'the pace');

    expect(heard).toEqual([pace]);
  });
});

describe('keeping fixes in a file', () => {
  const path = () => join(mkdtempSync(join(tmpdir(), 'loro-fixes-')), 'fixes.jsonl');
  const entry = (n: number, boot = 'boot') => ({ boot, fix: { n, ...reading } });

  it('reads after a crash what had been written whole, and goes on behind it', async () => {
    const file = path();
    const before = fileFixes(file);
    await before.append([entry(1), entry(2)]);
    await before.close?.();
    appendFileSync(file, '["+","boot",{"n":3,"at":"20');

    const after = fileFixes(file);
    await after.append([entry(4)]);

    expect((await after.oldest(10)).map(({ fix }) => fix.n)).toEqual([1, 2, 4]);
    await after.close?.();
  });

  it('shrinks when what it holds was sent', async () => {
    const storage = fileFixes(path());
    for (let round = 0; round < 5; round++) {
      await storage.append(Array.from({ length: 600 }, (_, index) => entry(round * 600 + index + 1)));
      await storage.forget('boot', round * 600 + 600);
    }

    expect(await storage.count()).toBe(0);
    await storage.close?.();
  });

  it.each([
    ['memory', () => memoryFixes()],
    ['a file', () => fileFixes(path())],
  ])('hands out fixes of one start at a time from %s', async (_, open) => {
    const storage = open();
    await storage.append([entry(1, 'a'), entry(2, 'a'), entry(1, 'b')]);

    const first = await storage.oldest(10);
    await storage.forget('a', 2);
    const second = await storage.oldest(10);

    expect(first.map(({ fix }) => fix.n)).toEqual([1, 2]);
    expect(second.map(({ boot }) => boot)).toEqual(['b']);
    await storage.close?.();
  });
});
