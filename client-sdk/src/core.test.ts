import { sessions } from './auth/sessions';
import { createHub, tokens } from './core';
import { checkIns } from './entries/check-ins';
import { tracking } from './modules/tracking';
import { outbox } from './outbox/outbox';
import { FakeHub, problem, until } from './testing/fake-hub';

let peer: FakeHub;
beforeEach(async () => {
  peer = await FakeHub.start();
});
afterEach(() => peer.stop());

describe('making a client of what an app needs', () => {
  it('has those modules and no others', async () => {
    const hub = createHub({ url: peer.url, auth: sessions(), modules: { checkIns, tracking } });
    await hub.auth.signIn({ email: 'a@b.c', password: 'x' });
    peer.calls.set('check-in:start', () => ({ id: 'C' }));

    const { id } = await hub.checkIns.call('check-in:start', { position: { lat: 46, lng: 14 } });

    expect(id).toBe('C');
    expect(Object.keys(hub).toSorted()).toEqual(
      ['auth', 'checkIns', 'close', 'connect', 'lifecycle', 'onStatus', 'status', 'time', 'tracking'].toSorted(),
    );
    await hub.close();
  });

  it('connects with the app’s own tokens, and with another one when one was refused', async () => {
    const given = ['old', 'new'];
    peer.refuse = ({ token }) => (token === 'new' ? null : problem(401, 'TOKEN_EXPIRED'));
    const hub = createHub({ url: peer.url, auth: tokens(() => given.shift() ?? 'new'), modules: { checkIns } });

    hub.checkIns.on('check-in:started', () => {});
    await until(() => hub.status.state === 'live', 'live');

    expect(peer.handshakes.map(({ auth }) => auth['token'])).toEqual(['old', 'new']);
    await hub.close();
  });

  it('has no outbox for a module that it was made without', async () => {
    const hub = createHub({ url: peer.url, auth: tokens(() => 'key'), modules: { outbox: outbox() } });

    expect(() => hub.outbox.send('checkIns', 'check-in:start', { position: { lat: 46, lng: 14 } })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_CALL' }),
    );
    await hub.close();
  });
});
