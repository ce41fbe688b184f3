import { RawPeer } from '../server/testing/raw-peer';
import { openProfile } from './conformance/profile';

const MAX_PAYLOAD = 1_000_000;
const HANDSHAKE = { pingInterval: 300, pingTimeout: 200, maxPayload: MAX_PAYLOAD };
const POLLING = 'EIO=4&transport=polling';

/** Packets of one HTTP answer. */
const packetsOf = (payload: string): string[] => payload.split('\u001E');

describe.each([
  ['the fast path', true],
  ['the stock path', false],
])('%s speaks the public protocols', (_name, fast) => {
  let url = '';
  let isFast: boolean | undefined;
  let close: () => Promise<void>;
  const peers: RawPeer[] = [];

  beforeAll(async () => {
    const profile = await openProfile({ redisUrl: process.env['LORO_TEST_REDIS_URL'] ?? '', port: 0, fast });
    url = `http://127.0.0.1:${profile.port}`;
    isFast = profile.isFast;
    close = () => profile.close();
  });
  afterEach(() => {
    for (const peer of peers.splice(0)) peer.cut();
  });
  afterAll(() => close());

  const engine = (query: string, init?: RequestInit) => fetch(`${url}/socket.io/?${query}`, init);

  async function connect(options: ConstructorParameters<typeof RawPeer>[1] = {}): Promise<RawPeer> {
    const opened = await RawPeer.open(url, options);
    peers.push(opened);
    return opened;
  }

  /** A peer that is in a namespace. */
  async function member(at = '', options: ConstructorParameters<typeof RawPeer>[1] = {}): Promise<RawPeer> {
    const opened = await connect(options);
    opened.send(`40${at}`);
    await opened.next((packet) => String(packet).startsWith('40'));
    await opened.next((packet) => String(packet).startsWith('42'));
    return opened;
  }

  async function polled(sid: string): Promise<string[]> {
    return packetsOf(await (await engine(`${POLLING}&sid=${sid}`)).text());
  }

  async function pollingSession(): Promise<string> {
    const [opened = ''] = packetsOf(await (await engine(POLLING)).text());
    return (JSON.parse(opened.slice(1)) as { sid: string }).sid;
  }

  it('on the path that was asked for', () => {
    expect(isFast).toBe(fast);
  });

  describe('a handshake', () => {
    it('says how often the heart beats, what may be sent at once, and over HTTP what can be upgraded to', async () => {
      const overHttp = await (await engine(POLLING)).text();
      const opened = new RawPeer(url);
      peers.push(opened);
      const overWebSocket = String(await opened.next());

      expect(overHttp.startsWith('0')).toBe(true);
      expect(JSON.parse(overHttp.slice(1))).toEqual({
        sid: expect.any(String),
        upgrades: ['websocket'],
        ...HANDSHAKE,
      });
      expect(overWebSocket.startsWith('0')).toBe(true);
      expect(JSON.parse(overWebSocket.slice(1))).toEqual({ sid: expect.any(String), upgrades: [], ...HANDSHAKE });
    });

    it.each([
      ['no version', 'transport=polling', 'GET', 5],
      ['a version that nobody speaks', 'EIO=2&transport=polling', 'GET', 5],
      ['no transport', 'EIO=4', 'GET', 0],
      ['a transport that does not exist', 'EIO=4&transport=pigeon', 'GET', 0],
      ['another method', POLLING, 'PUT', 2],
      ['a session that never was', `${POLLING}&sid=never`, 'GET', 1],
    ])('with %s is refused', async (_what, query, method, code) => {
      const response = await engine(query, { method });

      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ code, message: expect.any(String) });
    });
  });

  describe('namespaces', () => {
    it('are joined one by one on one connection, each with what was presented to it', async () => {
      const both = await connect();

      both.send('40{"token":"one"}', '40/custom,{"token":"two"}');

      const heard = [await both.next(), await both.next(), await both.next(), await both.next()].map(String);
      expect(heard).toEqual([
        expect.stringMatching(/^40\{"sid":"[^"]+"\}$/),
        expect.stringMatching(/^40\/custom,\{"sid":"[^"]+"\}$/),
        '42["auth",{"token":"one"}]',
        '42/custom,["auth",{"token":"two"}]',
      ]);
    });

    it('are left one by one, and the others go on', async () => {
      const both = await member();
      both.send('40/custom,');
      await both.next((packet) => String(packet).startsWith('42/custom,'));

      both.send('41/custom,', '42/custom,["message",1]', '42["message",2]');

      expect(await both.next((packet) => String(packet).startsWith('42'))).toBe('42["message-back",2]');
    });

    it('that do not exist are refused, and the connection stays', async () => {
      const lost = await member();

      lost.send('40/nowhere,');

      expect(await lost.next()).toBe('44/nowhere,{"message":"Invalid namespace"}');
      lost.send('42["message","still here"]');
      expect(await lost.next()).toBe('42["message-back","still here"]');
    });

    it('must be asked for within the time to connect', async () => {
      const idle = await connect();

      expect(await idle.closed).toBe(1005);
    });
  });

  describe('events', () => {
    it('arrive whole and in order, whatever their size and letters', async () => {
      const talker = await member();
      const texts = ['', '"],é𝄞\u2028', 'x'.repeat(90), 'y'.repeat(200), 'z'.repeat(70_000)];

      talker.send(...texts.map((text) => `42["message",${JSON.stringify(text)},{"n":[null,true]}]`));

      for (const text of texts)
        expect(await talker.next()).toBe(`42["message-back",${JSON.stringify(text)},{"n":[null,true]}]`);
    });

    it('are answered under the number that they came with', async () => {
      const caller = await member();

      caller.send('427["message-with-ack",1,"2",{"3":[false]}]', '420["message-with-ack"]', '42["message-with-ack"]');
      caller.send('42["message","after"]');

      expect(await caller.next()).toBe('437[1,"2",{"3":[false]}]');
      expect(await caller.next()).toBe('430[]');
      expect(await caller.next()).toBe('42["message-back","after"]');
    });

    it('of the frequent kind are answered in the same form', async () => {
      const phone = await member('/custom,');

      phone.send('42/custom,5["hot-call",{"n":"é"}]', '42/custom,6["message-with-ack",1]', '42/custom,7["hot-call",2]');

      // Answers carry numbers because they may overtake each other.
      expect(new Set([await phone.next(), await phone.next(), await phone.next()])).toEqual(
        new Set(['43/custom,5[{"ok":true,"data":{"n":"é"}}]', '43/custom,6[1]', '43/custom,7[{"ok":true,"data":2}]']),
      );
    });

    it('may carry bytes where the server lets them', async () => {
      const talker = await member();
      const [one, two] = [Buffer.from([1, 2, 3]), Buffer.from([250, 251])];
      const places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';

      talker.send(`452-["message",${places}]`, one, two);
      const event = [await talker.next(), await talker.next(), await talker.next()];
      talker.send(`452-9["message-with-ack",${places}]`, one, two);
      const ack = [await talker.next(), await talker.next(), await talker.next()];

      expect(event).toEqual([`452-["message-back",${places}]`, one, two]);
      expect(ack).toEqual([`462-9[${places}]`, one, two]);
    });

    it.each([
      ['of an unknown kind', '4abc'],
      ['whose content is no list', '42{}'],
      ['whose content is no JSON', '42["message"'],
      ['whose number is none', '42abc["message",1]'],
      ['with a name of the protocol itself', '42["disconnect"]'],
      ['that announces more bytes than anybody sends', '4599999999-["message"]'],
      ['of bytes that nothing announced', Buffer.from([1])],
      ['of Engine.IO that do not exist', '9'],
    ])('%s end the connection', async (_what, packet) => {
      const broken = await member();

      broken.send(packet);

      expect(await broken.closed).toBe(1005);
    });
  });

  describe('a payload', () => {
    it('of the greatest size passes, and one byte more ends the connection', async () => {
      const [fitting, tooLong] = [await member(), await member()];
      const packet = (bytes: number) => `42["message","${'x'.repeat(bytes - '42["message",""]'.length)}"]`;

      fitting.send(packet(MAX_PAYLOAD));
      tooLong.send(packet(MAX_PAYLOAD + 1));

      expect(String(await fitting.next())).toHaveLength(MAX_PAYLOAD + '-back'.length);
      expect(await tooLong.closed).toBe(1009);
    });

    it('that is too long is refused over HTTP too', async () => {
      const sid = await pollingSession();

      const response = await engine(`${POLLING}&sid=${sid}`, { method: 'POST', body: `4${'x'.repeat(MAX_PAYLOAD)}` });

      expect(response.status).toBe(413);
    });
  });

  describe('a heartbeat', () => {
    it('comes from the server again and again as long as it is answered', async () => {
      const alive = await member('', { heartbeats: 'shown' });

      for (let beat = 0; beat < 4; beat += 1) {
        expect(await alive.next()).toBe('2');
        alive.send('3');
      }

      expect(alive.isOpen).toBe(true);
    });

    it('that is not answered is the last', async () => {
      const dead = await member('', { heartbeats: 'shown' });

      await dead.closed;

      await expect(dead.next((packet) => packet === '2')).resolves.toBe('2');
      await expect(dead.next((packet) => packet === '2')).rejects.toThrow('the connection is over');
    });
  });

  describe('a session that began over HTTP', () => {
    it('talks in lists of packets', async () => {
      const sid = await pollingSession();
      const post = async (...packets: string[]) =>
        (await engine(`${POLLING}&sid=${sid}`, { method: 'POST', body: packets.join('\u001E') })).text();
      const heard: string[] = [];
      const hear = async (packet: string) => {
        while (!heard.includes(packet)) heard.push(...(await polled(sid)));
      };

      expect(await post('40')).toBe('ok');
      await hear('42["auth",{}]');
      expect(await post('42["message","one"]', '421["message-with-ack","two"]')).toBe('ok');
      await hear('431["two"]');

      expect(heard).toContain('42["message-back","one"]');
    });

    it('goes over to WebSocket and loses nothing on the way', async () => {
      const sid = await pollingSession();
      await engine(`${POLLING}&sid=${sid}`, { method: 'POST', body: '40' });
      await polled(sid);
      const upgraded = await connect({ sid });

      upgraded.send('2probe');
      expect(await upgraded.next()).toBe('3probe');
      await engine(`${POLLING}&sid=${sid}`, { method: 'POST', body: '42["message","before"]' });
      const before = await polled(sid);
      upgraded.send('5', '42["message","after"]');

      const heard = [...before];
      while (!heard.includes('42["message-back","after"]')) heard.push(String(await upgraded.next()));
      expect(heard.filter((packet) => packet.startsWith('42["message-back"'))).toEqual([
        '42["message-back","before"]',
        '42["message-back","after"]',
      ]);
      expect((await engine(`${POLLING}&sid=${sid}`)).status).toBe(400);
    });

    it('ends when it is closed, and is not known any more', async () => {
      const sid = await pollingSession();

      const [last] = await Promise.all([polled(sid), engine(`${POLLING}&sid=${sid}`, { method: 'POST', body: '1' })]);

      expect(last).toEqual(['6']);
      expect((await engine(`${POLLING}&sid=${sid}`)).status).toBe(400);
    });
  });
});
