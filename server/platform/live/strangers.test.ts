import { RawPeer } from '../../testing/raw-peer';
import { testHub } from '../../testing/test-hub';

describe.each([
  ['on the fast path', 'on'],
  ['on the stock path', 'off'],
])('%s', (_path, fast) => {
  const hub = testHub({ env: { LIVE_FAST_PATH: fast } });
  const peers: RawPeer[] = [];

  afterEach(() => {
    for (const peer of peers.splice(0)) peer.cut();
  });

  async function connecting(namespace: string, auth: object): Promise<{ code?: string; message: string }> {
    const peer = await RawPeer.open(hub.url);
    peers.push(peer);
    peer.send(`40${namespace === '/' ? '' : `${namespace},`}${JSON.stringify(auth)}`);
    const refusal = String(await peer.next((packet) => String(packet).startsWith('44')));
    const { message, data } = JSON.parse(refusal.slice(refusal.indexOf('{'))) as {
      message: string;
      data?: { code: string };
    };
    return { message, ...(data && { code: data.code }) };
  }

  describe('a page of another host', () => {
    it.each([
      ['https://evil.example', false],
      ['null', false],
      ['file://', false],
      ['https://partner.example.evil.example', false],
      ['http://127.0.0.1.evil.example', false],
      ['https://partner.example', true],
    ])('from %s opens a connection: %s', async (origin, allowed) => {
      const peer = new RawPeer(hub.url, { headers: { origin } });
      peers.push(peer);

      const opened = peer.next().then(
        (packet) => String(packet).startsWith('0'),
        () => false,
      );

      expect(await opened).toBe(allowed);
    });

    it('from the hub itself opens a connection', async () => {
      const peer = new RawPeer(hub.url, { headers: { origin: hub.url } });
      peers.push(peer);

      expect(String(await peer.next())).toMatch(/^0\{/);
    });
  });

  it.each([
    ['nothing', {}, 'UNAUTHENTICATED'],
    ['no text', { token: { $ne: null } }, 'UNAUTHENTICATED'],
    ['a list', { token: ['a', 'b'] }, 'UNAUTHENTICATED'],
    ['sixty thousand letters', { token: 'x'.repeat(60_000) }, 'UNAUTHENTICATED'],
    ['a ticket that never was', { token: 'tkt_never' }, 'UNAUTHENTICATED'],
    ['the prototype’s', JSON.parse('{"__proto__":{"token":"x"}}') as object, 'UNAUTHENTICATED'],
  ])('whoever presents %s instead of a token is refused with a reason', async (_what, auth, code) => {
    expect(await connecting('/notifications', auth)).toMatchObject({ code });
  });

  it('whoever names no namespace is let in nowhere, with the best of tokens', async () => {
    const { token } = await hub.person();

    expect((await connecting('/', { token })).code).toBe('FORBIDDEN');
  });
});
