import { type CheckIn, checkInsApi } from '@loro/contracts/check-ins';
import { ulid } from '../../platform/ulid';
import type { Refused } from '../../testing/api-client';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const never = (): never => {
  throw new Error('was not refused');
};
const position = { lat: -26.2041, lng: 28.0473, accuracy: 8 };

describe('checking in', () => {
  it('tells the branch, and nobody else', async () => {
    const person = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: person });
    const stranger = await hub.person({ role: 'manager' });
    const [here, elsewhere] = await Promise.all([
      hub.listen('/check-ins', manager),
      hub.listen('/check-ins', stranger),
    ]);
    await here.subscribe(`${person.orgId}:branch:${person.branchId}`);
    await elsewhere.subscribe(`${stranger.orgId}:branch:${stranger.branchId}`);

    const checkIn = await hub.api(checkInsApi, person).start({ position });

    expect(await here.next('check-in:started')).toEqual(checkIn);
    expect(elsewhere.heard('check-in:started')).toEqual([]);
  });

  it('lets one of two simultaneous ones win', async () => {
    const api = hub.api(checkInsApi, await hub.person());

    const outcomes = await Promise.allSettled([api.start({ position }), api.start({ position })]);

    const lost = outcomes.filter(({ status }) => status === 'rejected');
    expect(lost).toMatchObject([{ reason: { status: 409, code: 'CHECK_IN_OPEN' } }]);
  });

  it('takes the equator, Greenwich and the date line for real places', async () => {
    const person = await hub.person();
    for (const place of [
      { lat: 0, lng: -122.4 },
      { lat: 51.5, lng: 0 },
      { lat: -90, lng: 180 },
    ]) {
      const { id, startedPlace } = await hub.api(checkInsApi, person).start({ position: place });
      await hub.api(checkInsApi, person).end({ checkInId: id, position: place });
      expect(startedPlace).toEqual(place);
    }
  });

  it('names every wrong field and writes nothing', async () => {
    const person = await hub.person();
    const body = { position: { lat: 200, lng: 'east' }, note: '', extra: 1 };

    const refused = hub.api(checkInsApi, person).start(body as never);

    await expect(refused).rejects.toMatchObject({ status: 422, code: 'VALIDATION_FAILED' });
    const { problem } = await refused.then(never, (error: Refused) => error);
    expect((problem.errors ?? []).map(({ path }) => path).toSorted()).toEqual([
      'extra',
      'note',
      'position.lat',
      'position.lng',
    ]);
    expect(await hub.sql('SELECT id FROM check_ins WHERE user_id = ?', [person.userId])).toEqual([]);
  });
});

describe('a command', () => {
  it('happens once, whether it comes by socket, by HTTP or by both', async () => {
    const person = await hub.person();
    const socket = await hub.listen('/check-ins', person);
    const id = ulid();

    const bySocket = await socket.call<CheckIn>('check-in:start', { position }, { id });
    const byHttp = await fetch(`${hub.url}/api/v1/check-ins`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({ position }),
    });

    expect(bySocket.ok).toBe(true);
    expect(byHttp.status).toBe(201);
    expect(byHttp.headers.get('idempotent-replay')).toBe('true');
    expect(await byHttp.json()).toEqual({ data: bySocket.ok && bySocket.data });
  });

  it('happens once when five twins race, and the others wait or replay', async () => {
    const person = await hub.person();
    const headers = { 'idempotency-key': ulid() };
    const api = hub.api(checkInsApi, person);

    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => api.start({ position }, { headers })));

    const ids = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.id] : []));
    expect(new Set(ids).size).toBe(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    expect(await hub.sql('SELECT id FROM check_ins WHERE user_id = ?', [person.userId])).toHaveLength(1);
  });

  it('is refused for another input under the same key', async () => {
    const person = await hub.person();
    const headers = { 'idempotency-key': ulid() };
    await hub.api(checkInsApi, person).start({ position }, { headers });

    const reused = hub.api(checkInsApi, person).start({ position: { lat: 1, lng: 1 } }, { headers });

    await expect(reused).rejects.toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('of somebody else under the same key is theirs alone', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    const headers = { 'idempotency-key': ulid() };

    const first = await hub.api(checkInsApi, person).start({ position }, { headers });
    const second = await hub.api(checkInsApi, colleague).start({ position }, { headers });

    expect(second.id).not.toBe(first.id);
    expect(second.userId).toBe(colleague.userId);
  });
});

describe('checking out', () => {
  it('ends the check-in, once', async () => {
    const person = await hub.person();
    const api = hub.api(checkInsApi, person);
    const { id } = await api.start({ position });

    const ended = await api.end({ checkInId: id, position });

    expect(ended.endedAt).not.toBeNull();
    await expect(api.end({ checkInId: id, position })).rejects.toMatchObject({ code: 'CHECK_IN_ENDED' });
  });

  it('of a colleague or a stranger does not exist', async () => {
    const person = await hub.person();
    const { id } = await hub.api(checkInsApi, person).start({ position });

    for (const other of [await hub.person({ beside: person }), await hub.person({ role: 'owner' })])
      await expect(hub.api(checkInsApi, other).end({ checkInId: id, position })).rejects.toMatchObject({ status: 404 });
  });
});

describe('the list', () => {
  it('shows staff their own, a manager the branch, and pages without gaps', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    const manager = await hub.person({ role: 'manager', beside: person });
    for (const who of [person, colleague, person]) {
      const { id } = await hub.api(checkInsApi, who).start({ position });
      await hub.api(checkInsApi, who).end({ checkInId: id, position });
    }

    const mine = await hub.api(checkInsApi, person).list();
    const first = await hub.api(checkInsApi, manager).list({ limit: 2 });
    const second = await hub.api(checkInsApi, manager).list({ limit: 2, cursor: first.page.nextCursor ?? '' });

    expect(mine.data.map(({ userId }) => userId)).toEqual([person.userId, person.userId]);
    expect([...first.data, ...second.data].map(({ userId }) => userId)).toEqual([
      person.userId,
      colleague.userId,
      person.userId,
    ]);
    expect(second.page.nextCursor).toBeNull();
  });

  it('says where the stream stands, so that subscribing from there misses and repeats nothing', async () => {
    const person = await hub.person({ role: 'manager' });
    const before = await hub.api(checkInsApi, person).start({ position });
    const { data, streams } = await hub.api(checkInsApi, person).list();
    const ended = await hub.api(checkInsApi, person).end({ checkInId: before.id, position });

    const socket = await hub.listen('/check-ins', person);
    const answer = await socket.subscribe(streams?.[0]?.stream ?? '', streams?.[0]);

    expect(data).toEqual([before]);
    expect(answer.events.map(([name, payload]) => [name, payload])).toEqual([['check-in:ended', ended]]);
  });

  it('refuses a cursor that it did not make', async () => {
    const person = await hub.person();
    await expect(hub.api(checkInsApi, person).list({ cursor: 'WyJ4Il0.AAAA' })).rejects.toMatchObject({
      status: 400,
      code: 'BAD_QUERY',
    });
  });
});
