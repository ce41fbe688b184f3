import { createLoroHub, type LoroHub } from '../index';
import { FakeHub, until } from '../testing/fake-hub';
import { unpack } from './fleet';

const FLEET = 'ORG:fleet:B';
const AT = '2026-05-04T08:00:00.000Z';

let peer: FakeHub;
let hub: LoroHub;

beforeEach(async () => {
  peer = await FakeHub.start();
  peer.latest.set(FLEET, []);
  hub = createLoroHub({ url: peer.url });
  await hub.auth.signIn({ email: 'a@b.c', password: 'x' });
});
afterEach(async () => {
  await hub.close();
  await peer.stop();
});

const trackable = (key: number) => ({
  id: `T${key}`,
  key,
  kind: 'user',
  name: `Person ${key}`,
  branchId: 'B',
  lostAt: null,
});
const send = (name: string, data: unknown): void => peer.send([name, data, { stream: FLEET, at: AT }]);
const moved = (key: number, dtMs: number, latE7: number): void =>
  send('fixes:moved', { at: AT, fixes: [[key, dtMs, latE7, 145_000_000, 5, 1340, 90]] });

describe('following a fleet', () => {
  it('unpacks positions, and tells unknown from zero', () => {
    expect(unpack([7, 250, 469_000_000, 0, 5, 0, -1], Date.parse(AT))).toEqual({
      at: Date.parse(AT) - 250,
      lat: 46.9,
      lng: 0,
      accuracy: 5,
      speed: 0,
      heading: null,
    });
  });

  it('keeps a position that came before anybody said whose it is', async () => {
    const fleet = hub.tracking.fleet(['B']);
    await fleet.ready;

    moved(1, 0, 469_000_000);
    send('trackable:keyed', { trackables: [trackable(1)] });
    await until(() => fleet.members.size === 1, 'the member');

    expect(fleet.members.get('T1')).toMatchObject({ trackable: { name: 'Person 1' }, position: { lat: 46.9 } });
  });

  it('ignores an older position that was overtaken', async () => {
    peer.latest.set(FLEET, [['trackable:keyed', { trackables: [trackable(1)] }, { stream: FLEET, at: AT }]]);
    const fleet = hub.tracking.fleet(['B']);
    const told: (readonly string[])[] = [];
    fleet.on('moved', (ids) => told.push(ids));
    await fleet.ready;

    moved(1, 0, 470_000_000);
    moved(1, 5_000, 469_000_000);
    moved(1, -1_000, 471_000_000);
    await until(() => told.length === 2, 'two moves');

    expect(fleet.members.get('T1')?.position?.lat).toBe(47.1);
  });
});
