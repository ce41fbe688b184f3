import { join } from 'node:path';
import type { CommandOutcome } from '@loro/client';
import { fileStorage, fileStore } from '@loro/client/node';
import { createLoroHub } from '@loro/client';
import { checkInsApi } from '@loro/contracts/check-ins';
import { Line } from '../examples/line';
import { testHub } from '../../server/testing/test-hub';
import { within } from '../../server/testing/within';
import { clients, folder } from './kit';

const hub = testHub();
const client = clients(hub);
const lines: Line[] = [];
afterEach(() => {
  for (const line of lines.splice(0)) line.close();
});
const position = { lat: -26.2041, lng: 28.0473 };

describe('giving commands without a connection', () => {
  it('checks in once although the line was cut before the answer', async () => {
    const person = await hub.person();
    const line = await Line.open(hub.url);
    lines.push(line);
    const app = await client(person, { url: line.url });
    app.checkIns.on('check-in:started', () => {});
    await within(5_000, () => expect(app.status.state).toBe('live'));
    await app.auth.me();

    line.cutAfterNext();
    const { result } = app.outbox.send('checkIns', 'check-in:start', { position });
    const checkIn = await result;

    expect(line.cuts).toBeGreaterThan(0);
    const { data } = await hub.api(checkInsApi, person).list({ userId: person.userId });
    expect(data.map(({ id }) => id)).toEqual([checkIn.id]);
  });

  it('does after a restart what was asked for while the hub was away, in order and once', async () => {
    const person = await hub.person({ role: 'manager' });
    const dir = folder();
    const options = { storage: fileStorage(join(dir, 'values.json')), session: fileStore(join(dir, 'session.json')) };
    const line = await Line.open(hub.url);
    const before = await client(person, { ...options, url: line.url });
    await before.checkIns.subscribe('branch', person.branchId).ready;
    line.close();
    const { kept } = before.outbox.send('checkIns', 'check-in:start', { position, note: 'Pump 4' });
    await kept;
    await before.close();
    expect((await hub.api(checkInsApi, person).list({ userId: person.userId })).data).toEqual([]);

    const after = createLoroHub({
      url: hub.url,
      storage: fileStorage(join(dir, 'values.json')),
      session: fileStore(join(dir, 'session.json')),
    });
    const outcomes: CommandOutcome[] = [];
    after.outbox.onSettled((outcome) => outcomes.push(outcome));
    await after.auth.resume();
    await within(10_000, () => expect(outcomes).toHaveLength(1));

    expect(outcomes).toMatchObject([{ ok: true, data: { note: 'Pump 4', userId: person.userId } }]);
    expect((await after.checkIns.list({ userId: person.userId })).data).toHaveLength(1);
    await after.close();
  });

  it('happens once when the same command goes over socket and HTTP', async () => {
    const person = await hub.person();
    const app = await client(person);
    const id = '01KB3ZVZ8Q4T8M0F8E2N6T5W9D';

    const overSocket = await app.checkIns.call('check-in:start', { position }, { id });
    const overHttp = await app.checkIns.start({ position }, { idempotencyKey: id });

    expect(overHttp).toEqual(overSocket);
  });

  it('tells its own echoes from what others did', async () => {
    const person = await hub.person();
    const app = await client(await hub.person({ role: 'manager', beside: person }));
    const heard: string[] = [];
    const others: string[] = [];
    app.checkIns.on('check-in:started', ({ userId }) => heard.push(userId));
    app.checkIns.on('check-in:started', ({ userId }) => others.push(userId), { echoes: false });
    await app.checkIns.subscribe('branch', person.branchId).ready;

    await app.outbox.send('checkIns', 'check-in:start', { position }).result;
    await hub.api(checkInsApi, person).start({ position });
    await within(5_000, () => expect(heard).toHaveLength(2));

    expect(others).toEqual([person.userId]);
  });
});
