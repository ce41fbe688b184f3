import type { CheckIn } from '@loro/contracts/check-ins';
import { createLoroHub, type LoroHub } from '../index';
import { FakeHub, problem, until } from '../testing/fake-hub';

const BRANCH = 'ORG:branch:B';

let peer: FakeHub;
let hub: LoroHub;
let seen: string[];

beforeEach(async () => {
  peer = await FakeHub.start();
  hub = createLoroHub({ url: peer.url });
  await hub.auth.signIn({ email: 'a@b.c', password: 'x' });
  seen = [];
  hub.checkIns.on('check-in:started', ({ id }) => seen.push(id));
});
afterEach(async () => {
  await hub.close();
  await peer.stop();
});

const checkIn = (id: string): Partial<CheckIn> => ({ id });
const publish = (id: string): void => peer.publish(BRANCH, 'check-in:started', checkIn(id));
/** In the log, but lost on the way. */
const lose = (id: string): void => void peer.write(BRANCH, 'check-in:started', checkIn(id));
const saw = (...ids: string[]) => until(() => seen.length >= ids.length, ids.join(' '));

describe('following a log', () => {
  it('starts where the snapshot stood', async () => {
    for (const id of ['a', 'b', 'c']) lose(id);

    await hub.checkIns.subscribe('branch', 'B', { after: { epoch: 'E1', n: 1 } }).ready;

    expect(seen).toEqual(['b', 'c']);
  });

  it('holds back what comes live while a subscribe is under way, and lets nothing through twice', async () => {
    lose('a');
    peer.beforeAnswer = () => {
      publish('b');
      publish('c');
    };

    await hub.checkIns.subscribe('branch', 'B', { after: { epoch: 'E1', n: 0 } }).ready;
    publish('d');
    await saw('a', 'b', 'c', 'd');

    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it('asks for what a gap hides, without giving up the connection', async () => {
    await hub.checkIns.subscribe('branch', 'B').ready;
    publish('a');
    lose('b');
    publish('c');

    await saw('a', 'b', 'c');

    expect(seen).toEqual(['a', 'b', 'c']);
    expect(peer.subscribes.at(-1)?.streams).toEqual([{ stream: BRANCH, after: { epoch: 'E1', n: 1 } }]);
    expect(peer.handshakes).toHaveLength(1);
  });

  it('waits a little for an event that was overtaken, and asks for nothing then', async () => {
    await hub.checkIns.subscribe('branch', 'B').ready;
    const [first, second] = ['a', 'b'].map((id) => peer.write(BRANCH, 'check-in:started', checkIn(id)));
    if (first && second) for (const event of [second, first, second]) peer.send(event);

    await saw('a', 'b');

    expect(seen).toEqual(['a', 'b']);
    expect(peer.subscribes).toHaveLength(1);
  });

  it('hears of a lost last event by the head', async () => {
    await hub.checkIns.subscribe('branch', 'B').ready;
    lose('a');

    peer.say('stream:head', { stream: BRANCH, epoch: 'E1', n: 1 });
    await saw('a');

    expect(seen).toEqual(['a']);
  });

  it('takes a long absence in parts', async () => {
    peer.pageSize = 4;
    for (let n = 0; n < 10; n++) lose(`${n}`);

    await hub.checkIns.subscribe('branch', 'B', { after: { epoch: 'E1', n: 0 } }).ready;

    expect(seen).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
    expect(peer.subscribes).toHaveLength(3);
  });

  it('resumes after a cut from the last event that it delivered', async () => {
    await hub.checkIns.subscribe('branch', 'B').ready;
    publish('a');
    await saw('a');
    peer.cut();
    publish('b');

    await saw('a', 'b');
    publish('c');
    await saw('a', 'b', 'c');

    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('asks for a new snapshot when the log was begun anew, and goes on from there', async () => {
    const onReset = jest.fn();
    await hub.checkIns.subscribe('branch', 'B', { onReset }).ready;
    publish('a');
    await saw('a');
    peer.logs.set(BRANCH, { epoch: 'E2', events: [] });
    peer.cut();

    await until(() => onReset.mock.calls.length === 1, 'onReset');
    publish('b');
    await saw('a', 'b');

    expect(seen).toEqual(['a', 'b']);
    expect(onReset).toHaveBeenCalledTimes(1);
  });

  it('shares one stream among several pages, and leaves it with the last', async () => {
    const [first, second] = [hub.checkIns.subscribe('branch', 'B'), hub.checkIns.subscribe('branch', 'B')];
    await Promise.all([first.ready, second.ready]);

    first.close();
    publish('a');
    await saw('a');
    second.close();
    await until(() => peer.unsubscribes.length > 0, 'the stream was left');

    expect(seen).toEqual(['a']);
    expect(peer.subscribes).toHaveLength(1);
    expect(peer.unsubscribes).toEqual([BRANCH]);
  });
});

describe('being refused', () => {
  it('says why, and does not ask again', async () => {
    peer.denied.set(BRANCH, problem(403, 'FORBIDDEN'));

    const subscription = hub.checkIns.subscribe('branch', 'B');

    await expect(subscription.ready).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(subscription.ended).toBe('FORBIDDEN');
  });

  it('hears when a permission goes', async () => {
    const onEnded = jest.fn();
    const subscription = hub.checkIns.subscribe('branch', 'B', { onEnded });
    await subscription.ready;

    peer.say('stream:ended', { stream: BRANCH, code: 'FORBIDDEN' });
    await until(() => subscription.ended !== null, 'the end');

    expect(onEnded.mock.calls).toEqual([['FORBIDDEN']]);
  });

  it('tries again where the hub was only not able to answer', async () => {
    peer.denied.set(BRANCH, problem(503, 'DEPENDENCY_DOWN', { retryAfterMs: 10 }));
    const subscription = hub.checkIns.subscribe('branch', 'B');
    await until(() => peer.subscribes.length > 1, 'a second try');

    peer.denied.clear();

    await expect(subscription.ready).resolves.toBeUndefined();
  });
});
