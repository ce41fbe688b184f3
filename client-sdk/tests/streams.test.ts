import { checkInsApi } from '@loro/contracts/check-ins';
import { trackingApi } from '@loro/contracts/tracking';
import { ulid } from 'ulid';
import { Line } from '../examples/line';
import { type Person, testHub } from '../../server/testing/test-hub';
import { within } from '../../server/testing/within';
import { clients } from './kit';

const hub = testHub();
const client = clients(hub);
const lines: Line[] = [];
afterEach(() => {
  for (const line of lines.splice(0)) line.close();
});
const position = { lat: -26.2041, lng: 28.0473 };

/** Checks in and out so many times; answers the ids in order. */
async function comeAndGo(person: Person, times: number): Promise<string[]> {
  const api = hub.api(checkInsApi, person);
  const ids: string[] = [];
  for (let time = 0; time < times; time++) {
    const { id } = await api.start({ position });
    await api.end({ checkInId: id, position });
    ids.push(id);
  }
  return ids;
}

async function staffAndManager() {
  const person = await hub.person();
  return { person, manager: await hub.person({ role: 'manager', beside: person }) };
}

describe('following a stream', () => {
  it('loses and doubles nothing between a list and the stream, while people come and go', async () => {
    const { person, manager } = await staffAndManager();
    const app = await client(manager);
    const { branchId } = person;
    const seen: string[] = [];
    app.checkIns.on('check-in:started', ({ id }) => seen.push(id));

    const busy = comeAndGo(person, 25);
    await within(10_000, async () => expect((await app.checkIns.list({ branchId })).data.length).toBeGreaterThan(3));
    const { data, streams = [] } = await app.checkIns.list({ branchId, limit: 200 });
    await app.checkIns.subscribe('branch', branchId, { after: streams[0] }).ready;
    const ids = await busy;

    await within(5_000, () => expect([...data.map(({ id }) => id), ...seen].toSorted()).toEqual(ids.toSorted()));
    expect(seen).toEqual(ids.slice(-seen.length));
  });

  it('brings everything once and in order, whatever happens to the line', async () => {
    const { person, manager } = await staffAndManager();
    const line = await Line.open(hub.url);
    lines.push(line);
    const app = await client(manager, { url: line.url });
    const started: string[] = [];
    const numbers: (number | undefined)[] = [];
    app.checkIns.on('check-in:started', ({ id }, { n }) => started.push(id) && numbers.push(n));
    app.checkIns.on('check-in:ended', (_, { n }) => numbers.push(n));
    const onReset = jest.fn();
    await app.checkIns.subscribe('branch', person.branchId, { onReset }).ready;

    const ids: string[] = [];
    for (let round = 0; round < 3; round++) {
      ids.push(...(await comeAndGo(person, 4)));
      line.cut();
      ids.push(...(await comeAndGo(person, 4)));
      await within(10_000, () => expect(started).toEqual(ids));
    }

    expect(numbers).toEqual(Array.from({ length: 48 }, (_, index) => index + 1));
    expect(onReset).not.toHaveBeenCalled();
  });

  it('is told to load again when the events that it missed are no longer kept', async () => {
    const { person, manager } = await staffAndManager();
    await comeAndGo(person, 2);
    const app = await client(manager);
    const onReset = jest.fn();
    const gone = { epoch: 'of-another-time', n: 1 };

    const subscription = app.checkIns.subscribe('branch', person.branchId, { after: gone, onReset });
    await subscription.ready;

    expect(onReset).toHaveBeenCalledTimes(1);
    expect(subscription.position).toMatchObject({ n: 4 });
  });

  it('survives a page that is left and entered again at once', async () => {
    const { person, manager } = await staffAndManager();
    const app = await client(manager);
    const seen: string[] = [];
    app.checkIns.on('check-in:started', ({ id }) => seen.push(id));
    const first = app.checkIns.subscribe('branch', person.branchId);
    await first.ready;

    first.close();
    await app.checkIns.subscribe('branch', person.branchId).ready;
    const ids = await comeAndGo(person, 3);

    await within(5_000, () => expect(seen).toEqual(ids));
  });

  it('tells the newest positions to whoever comes later too, though the stream is followed already', async () => {
    const { person, manager } = await staffAndManager();
    const app = await client(manager);
    const { branchId } = person;
    const moved: number[] = [];
    app.tracking.on('fixes:moved', ({ fixes }) => moved.push(...fixes.map(() => 1)));
    await app.tracking.subscribe('fleet', branchId).ready;
    const fix = { n: 1, at: hub.clock.now().toISOString(), ...position, accuracy: 5 };
    await hub.api(trackingApi, person).report({ device: ulid(), boot: ulid(), fixes: [fix] });
    await within(5_000, () => expect(moved.length).toBeGreaterThan(0));
    moved.length = 0;

    await app.tracking.subscribe('fleet', branchId).ready;

    expect(moved).toEqual([1]);
  });

  it('refuses somebody else’s branch, with the reason', async () => {
    const { person } = await staffAndManager();
    const stranger = await client(await hub.person({ role: 'manager' }));
    const onEnded = jest.fn();

    const subscription = stranger.checkIns.subscribe('branch', person.branchId, { onEnded });

    await expect(subscription.ready).rejects.toMatchObject({ code: expect.stringMatching(/NOT_FOUND|FORBIDDEN/) });
    expect(onEnded).toHaveBeenCalledTimes(1);
    expect(subscription.ended).toBe(onEnded.mock.calls[0][0]);
  });
});

describe('calling', () => {
  it('starts one check-in when the line is cut before its answer', async () => {
    const person = await hub.person();
    const line = await Line.open(hub.url);
    lines.push(line);
    const app = await client(person, { url: line.url });
    app.connect();
    await within(5_000, () => expect(app.status.state).toBe('live'));
    app.checkIns.on('check-in:started', () => {});
    await app.checkIns
      .call('check-in:start', { position })
      .then(({ id }) => app.checkIns.end({ checkInId: id, position }));

    line.cutAfterNext();
    const checkIn = await app.checkIns.call('check-in:start', { position });

    expect(line.cuts).toBe(1);
    const { data } = await app.checkIns.list({ userId: person.userId, open: 'true' });
    expect(data.map(({ id }) => id)).toEqual([checkIn.id]);
  });
});
