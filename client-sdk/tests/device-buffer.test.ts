import { join } from 'node:path';
import type { Recorder, RejectedFix } from '@loro/client';
import { fileFixes } from '@loro/client/node';
import { ulid } from 'ulid';
import { Line } from '../examples/line';
import { type Person, testHub } from '../../server/testing/test-hub';
import { within } from '../../server/testing/within';
import { clients, folder } from './kit';

const hub = testHub();
const client = clients(hub);
const lines: Line[] = [];
afterEach(() => {
  for (const line of lines.splice(0)) line.close();
});

const reading = (index: number) => ({
  at: new Date(Date.UTC(2026, 4, 4, 8) + index * 1_000).toISOString(),
  lat: 46 + index / 10_000,
  lng: 14.5,
  accuracy: 5,
});
const storedOf = ({ userId }: Person) =>
  hub.sql<{ device: string; boot: string; n: number }>(
    `SELECT f.device_id AS device, f.boot, f.n FROM fixes f JOIN trackables t ON t.id = f.trackable_id
     WHERE t.user_id = ? ORDER BY f.at`,
    [userId],
  );
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

async function openLine(): Promise<Line> {
  const opened = await Line.open(hub.url);
  lines.push(opened);
  return opened;
}

async function reportAll(recorder: Recorder, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) await recorder.report(reading(index));
}

describe('keeping fixes until the hub has them', () => {
  it('keeps those of a phone that was switched off before it had a connection', async () => {
    const person = await hub.person();
    const path = join(folder(), 'fixes.jsonl');
    const boot = ulid();
    const nowhere = await client(person);
    await nowhere.auth.signOut();
    await reportAll(nowhere.tracking.recorder({ storage: fileFixes(path), boot }), 0, 30);
    await nowhere.close();
    expect(await storedOf(person)).toEqual([]);

    const phone = await client(person);
    const recorder = phone.tracking.recorder({ storage: fileFixes(path), boot, from: 31 });
    await reportAll(recorder, 30, 40);
    await recorder.flush();

    const stored = await storedOf(person);
    expect(stored.map(({ n }) => n)).toEqual(upTo(40));
    expect(new Set(stored.map(({ device }) => device)).size).toBe(1);
    expect(recorder.pending).toBe(0);
  });

  it('forgets what the hub has, in the file too', async () => {
    const path = join(folder(), 'fixes.jsonl');
    const phone = await client(await hub.person());
    const recorder = phone.tracking.recorder({ storage: fileFixes(path), batch: 10 });
    await reportAll(recorder, 0, 25);
    await recorder.flush();
    await recorder.close();

    const kept = fileFixes(path);
    expect(await kept.count()).toBe(0);
    await kept.close?.();
  });

  it('stores every point of two tracks once over a connection that is cut three times', async () => {
    const person = await hub.person();
    const cuttable = await openLine();
    const phone = await client(person, { url: cuttable.url });
    const recorders = ['walk', 'drive'].map(() =>
      phone.tracking.recorder({ storage: fileFixes(join(folder(), 'fixes.jsonl')), batch: 20, intervalMs: 10 }),
    );
    let answers = 0;
    for (const recorder of recorders) {
      recorder.onSent(() => {
        answers += 1;
        if ([2, 4, 6].includes(answers)) cuttable.cutAfterNext();
      });
    }

    await Promise.all(recorders.map((recorder) => reportAll(recorder, 0, 150)));
    await Promise.all(recorders.map((recorder) => recorder.flush()));

    expect(cuttable.cuts).toBe(3);
    const stored = await storedOf(person);
    expect(stored).toHaveLength(300);
    expect(new Set(stored.map(({ device, boot, n }) => `${device} ${boot} ${n}`)).size).toBe(300);
  });

  it('tells which fixes cannot be read, and delivers those beside them', async () => {
    const person = await hub.person();
    const recorder = (await client(person)).tracking.recorder();
    const rejected: RejectedFix[] = [];
    recorder.onRejected((fix) => rejected.push(fix));

    await recorder.report(reading(0));
    await recorder.report({ ...reading(1), lat: 200 });
    await recorder.report(reading(2));
    await recorder.flush();

    expect(rejected).toMatchObject([{ fix: { n: 2, lat: 200 }, errors: [{ path: 'lat' }] }]);
    expect((await storedOf(person)).map(({ n }) => n)).toEqual([1, 3]);
  });

  it('waits with the fixes of somebody who is not signed in yet, and sends them when they are', async () => {
    const person = await hub.person();
    const phone = await client(person);
    await phone.auth.signOut();
    const recorder = phone.tracking.recorder();
    const refusals: string[] = [];
    recorder.onRefused(({ code }) => refusals.push(code));
    await recorder.report(reading(0));
    await within(8_000, () => expect(refusals).toEqual(['UNAUTHENTICATED']));

    await phone.auth.signIn({ email: person.email, password: person.password });

    await within(5_000, () => expect(recorder.pending).toBe(0));
    expect(await storedOf(person)).toHaveLength(1);
  });
});
