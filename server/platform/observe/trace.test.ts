import { checkInsApi } from '@loro/contracts/check-ins';
import type { Meta } from '@loro/contracts/kit/live';
import { ulid } from 'ulid';
import { testHub } from '../../testing/test-hub';
import { causedBy, origin, traced } from './trace';

const hub = testHub();
const position = { lat: 1, lng: 2 };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;

async function branchListener() {
  const person = await hub.person();
  const manager = await hub.person({ role: 'manager', beside: person });
  const listener = await hub.listen('/check-ins', manager);
  const stream = `${person.orgId}:branch:${person.branchId}`;
  const { epoch = '' } = await listener.subscribe(stream);
  return { person, listener, stream, epoch };
}

describe('what caused an event', () => {
  it('is told with it: the id of the call, over REST as over a socket', async () => {
    const { person, listener } = await branchListener();
    const [byRest, bySocket] = [ulid(), ulid()];
    const socket = await hub.listen('/check-ins', person);

    const { id } = await hub.api(checkInsApi, person).start({ position }, { headers: { 'idempotency-key': byRest } });
    await socket.call('check-in:end', { checkInId: id, position }, { id: bySocket });

    await listener.next('check-in:ended');
    expect(listener.metas('check-in:started')[0]?.cause).toBe(byRest);
    expect(listener.metas('check-in:ended')[0]?.cause).toBe(bySocket);
  });

  it('is told to those who come later too', async () => {
    const { person, listener, stream, epoch } = await branchListener();
    const cause = ulid();
    await hub.api(checkInsApi, person).start({ position }, { headers: { 'idempotency-key': cause, traceparent } });
    await listener.next('check-in:started');

    const [event] = (await listener.subscribe(stream, { epoch, n: 0 })).events;
    await hub.hub.redis.del(`${hub.hub.config.REDIS_PREFIX}:log:{${stream}}:${epoch}`);
    const [again] = (await listener.subscribe(stream, { epoch, n: 0 })).events;

    expect(event?.[2]).toEqual(listener.metas('check-in:started')[0]);
    expect(again).toEqual(event);
  });

  it('is absent where no call had an id', async () => {
    const { person, listener } = await branchListener();

    await hub.api(checkInsApi, person).start({ position });

    await listener.next('check-in:started');
    expect(listener.metas('check-in:started')[0]).not.toHaveProperty('cause');
  });
});

describe('the trace of an event', () => {
  it('is the one that came with the request or the call, and otherwise a new one', async () => {
    const { person, listener } = await branchListener();
    const socket = await hub.listen('/check-ins', person);
    const traces = () =>
      ['check-in:started', 'check-in:ended'].flatMap((name) => listener.metas(name)).map((meta) => meta?.trace);

    const { id } = await hub.api(checkInsApi, person).start({ position }, { headers: { traceparent } });
    await socket.call('check-in:end', { checkInId: id, position }, { traceparent: traceparent.replace('01', '00') });
    const second = await hub.api(checkInsApi, person).start({ position });
    await socket.call('check-in:end', { checkInId: second.id, position }, { traceparent: 'nonsense' });

    await listener.next<Meta>('check-in:ended', () => listener.heard('check-in:ended').length === 2);
    const [started, startedAgain, ended, endedAgain] = traces();
    expect([started, ended].map((trace) => trace?.split('-')[1])).toEqual([TRACE, TRACE]);
    for (const trace of [startedAgain, endedAgain]) {
      expect(trace).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
      expect(trace).not.toContain(TRACE);
    }
  });
});

describe('running as what a call made', () => {
  it('reaches through everything that is awaited, and no further', async () => {
    const seen: unknown[] = [];
    await causedBy('a call', async () => {
      await traced({ name: 'job x.y', kind: 'job', parent: traceparent }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(origin());
      });
    });

    expect(seen).toEqual([{ cause: 'a call', trace: traceparent }]);
    expect(origin()).toEqual({});
  });

  it('passes failures on', async () => {
    const work = traced({ name: 'job x.y', kind: 'job' }, () => Promise.reject(new Error('no')));

    await expect(work).rejects.toThrow('no');
  });

  it.each(['', 'ff-' + traceparent.slice(3), traceparent.replace(TRACE, '0'.repeat(32)), 7, null])(
    'begins a new trace where %p came along',
    async (parent) => {
      const trace = await traced({ name: 'request', kind: 'request', parent }, async () => origin().trace);

      expect(trace).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    },
  );
});
