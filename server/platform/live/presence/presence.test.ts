import { type PresenceChanged, presenceApi } from '@loro/contracts/presence';
import { ulid } from '../../ulid';
import type { Listener } from '../../../testing/listener';
import { type Person, testHub, type TestNode } from '../../../testing/test-hub';
import { within } from '../../../testing/within';

const hub = testHub();
const GRACE_MS = 15_001;
let second: TestNode;

beforeAll(async () => {
  second = await hub.secondNode();
}, 60_000);

/** A colleague who looks at the branch's presence from the second node. */
async function watcherOf(person: Person): Promise<Listener> {
  const manager = await hub.person({ role: 'manager', elsewhereIn: person });
  await hub.sql('UPDATE role_grants SET branch_id = ? WHERE org_id = ? AND user_id = ?', [
    person.branchId,
    manager.orgId,
    manager.userId,
  ]);
  const socket = await hub.listen('/notifications', manager, second);
  await socket.subscribe(`${person.orgId}:presence:${person.branchId}`);
  return socket;
}

const joins = (person: Person) => (change: PresenceChanged) =>
  change.joined.some(({ userId }) => userId === person.userId);
const leaves = (person: Person) => (change: PresenceChanged) => change.left.includes(person.userId);
const heard = (socket: Listener) => socket.heard('presence:changed') as PresenceChanged[];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('being there', () => {
  it('is seen on the other node as soon as somebody connects', async () => {
    const person = await hub.person();
    const watcher = await watcherOf(person);

    await hub.listen('/tracking', person);

    expect(await watcher.next('presence:changed', joins(person))).toMatchObject({
      branchId: person.branchId,
      total: 1,
      joined: [{ userId: person.userId, name: person.name }],
      left: [],
      isSnapshot: false,
    });
  });

  it('is answered to whoever asks or subscribes, once a person whatever the devices', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    await hub.listen('/tracking', person);
    await hub.listen('/tracking', person, second);
    const socket = await hub.listen('/notifications', colleague, second);

    const presence = await within(8_000, async () => {
      const read = await hub.api(presenceApi, colleague).read({ branchId: person.branchId });
      expect(read.total).toBe(2);
      return read;
    });
    const { events } = await socket.subscribe(`${person.orgId}:presence:${person.branchId}`);

    expect(presence.people.map(({ userId }) => userId).toSorted()).toEqual(
      [person.userId, colleague.userId].toSorted(),
    );
    expect(presence).toMatchObject({ isSample: false, isPartial: false });
    expect(events).toMatchObject([['presence:changed', { total: 2, isSnapshot: true, left: [] }, {}]]);
  });

  it('counts above two hundred people and names a sample', async () => {
    const person = await hub.person();
    const crowd = Array.from({ length: 250 }, () => [ulid(), 'A name']);
    const keys = `${hub.hub.config.REDIS_PREFIX}:presence:{${person.orgId}:${person.branchId}}`;
    await hub.hub.redis.hset(`${keys}:devices`, Object.fromEntries(crowd.map(([userId]) => [userId, 1])));
    await hub.hub.redis.hset(`${keys}:names`, Object.fromEntries(crowd));
    const watcher = await watcherOf(person);

    await hub.listen('/tracking', person);
    const change = await watcher.next<PresenceChanged>('presence:changed', joins(person));
    const read = await hub.api(presenceApi, person).read({ branchId: person.branchId });

    expect(change).toMatchObject({ total: 251, isSample: true });
    expect(read).toMatchObject({ total: 251, isSample: true });
    expect(read.people).toHaveLength(200);
  });

  it('is noted in the person’s row at most once a minute', async () => {
    const person = await hub.person();
    const seenAt = async () =>
      (
        await hub.sql<{ at: Date | null }>('SELECT last_seen_at AS at FROM users WHERE org_id = ? AND id = ?', [
          person.orgId,
          person.userId,
        ])
      )[0]?.at?.getTime() ?? 0;
    await hub.listen('/tracking', person);
    await hub.listen('/tracking', person, second);

    const first = await within(8_000, async () => {
      expect(await seenAt()).toBeGreaterThan(0);
      return seenAt();
    });
    hub.clock.advance(30_000);
    await pause(3_500);
    expect(await seenAt()).toBe(first);
    hub.clock.advance(31_000);

    await within(8_000, async () => expect(await seenAt()).toBeGreaterThanOrEqual(first + 60_000));
  });
});

describe('going away', () => {
  it('is told after fifteen seconds', async () => {
    const person = await hub.person();
    const watcher = await watcherOf(person);
    const socket = await hub.listen('/tracking', person);
    await watcher.next('presence:changed', joins(person));

    socket.close();
    await pause(600);
    expect(heard(watcher).filter(leaves(person))).toEqual([]);
    hub.clock.advance(GRACE_MS);

    expect(await watcher.next('presence:changed', leaves(person))).toMatchObject({ total: 0, joined: [] });
  });

  it('and coming back on the other node within the grace is silence', async () => {
    const person = await hub.person();
    const witness = await hub.person({ beside: person });
    const watcher = await watcherOf(person);
    const socket = await hub.listen('/tracking', person);
    await watcher.next('presence:changed', joins(person));

    socket.close();
    await pause(300);
    await hub.listen('/tracking', person, second);
    await pause(600);
    hub.clock.advance(GRACE_MS);
    await pause(600);
    await hub.listen('/tracking', witness);
    await watcher.next('presence:changed', joins(witness));

    expect(heard(watcher).filter(leaves(person))).toEqual([]);
    expect(heard(watcher).filter(joins(person))).toHaveLength(1);
    expect(heard(watcher).at(-1)?.total).toBe(2);
  });

  it('with a node that died is told by the others as one change', async () => {
    const people = [await hub.person()];
    for (let more = 0; more < 4; more += 1) people.push(await hub.person({ beside: people[0] as Person }));
    const [person] = people as [Person];
    const doomed = await hub.secondNode('test-doomed');
    for (const each of people) await hub.listen('/tracking', each, doomed);
    const watcher = await watcherOf(person);
    await within(8_000, async () =>
      expect((await hub.api(presenceApi, person).read({ branchId: person.branchId })).total).toBe(5),
    );

    doomed.hub.redis.disconnect();
    await within(20_000, () => expect(heard(watcher).flatMap(({ left }) => left)).toHaveLength(5));

    const changes = heard(watcher).filter(({ left }) => left.length > 0);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.total).toBe(0);
    expect(changes[0]?.left.toSorted()).toEqual(people.map(({ userId }) => userId).toSorted());
  });
});

describe('while Redis does not answer', () => {
  it('a node tells whom it has itself, takes people in, and nobody is said to have left', async () => {
    const person = await hub.person();
    const late = await hub.person({ beside: person });
    const watcher = await watcherOf(person);
    await hub.listen('/tracking', person);
    await watcher.next('presence:changed', joins(person));

    await hub.hub.redis.client('PAUSE', 2_500);
    await hub.listen('/tracking', late);
    const meanwhile = await hub.api(presenceApi, person).read({ branchId: person.branchId });

    expect(meanwhile).toMatchObject({ isPartial: true, total: 2 });
    expect(await watcher.next('presence:changed', joins(late))).toMatchObject({ total: 2 });
    expect(await hub.api(presenceApi, person).read({ branchId: person.branchId })).toMatchObject({
      isPartial: false,
      total: 2,
    });
    expect(heard(watcher).filter(leaves(person))).toEqual([]);
  });
});

describe('a branch’s presence', () => {
  it('does not exist for other organisations', async () => {
    const person = await hub.person();
    const stranger = await hub.person({ role: 'owner' });
    const socket = await hub.listen('/notifications', stranger);
    await hub.listen('/tracking', person);

    const reply = await socket.call('stream:subscribe', {
      streams: [
        { stream: `${person.orgId}:presence:${person.branchId}` },
        { stream: `${stranger.orgId}:presence:${person.branchId}` },
      ],
    });
    await pause(600);

    expect(reply).toMatchObject({
      ok: true,
      data: { streams: [{ error: { code: 'NOT_FOUND' } }, { error: { code: 'NOT_FOUND' } }] },
    });
    await expect(hub.api(presenceApi, stranger).read({ branchId: person.branchId })).rejects.toMatchObject({
      status: 404,
    });
    expect(socket.heard('presence:changed')).toEqual([]);
  });

  it('of another branch is not for its staff', async () => {
    const person = await hub.person();
    const elsewhere = await hub.person({ elsewhereIn: person });

    await expect(hub.api(presenceApi, elsewhere).read({ branchId: person.branchId })).rejects.toMatchObject({
      status: 404,
    });
  });
});
