import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAddressIn, isPublicAddress } from './addresses';
import { Outgoing } from './outgoing';

const servers: Server[] = [];
const seen: IncomingMessage[] = [];

async function serve(
  answer: (request: IncomingMessage) => { status: number; headers?: Record<string, string>; body?: string },
) {
  const server = createServer((request, response) => {
    seen.push(request);
    const { status, headers = {}, body = '' } = answer(request);
    response.writeHead(status, headers).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

afterAll(() => servers.forEach((server) => server.close()));

const refusal = { code: 'ADDRESS_NOT_ALLOWED' };

describe('calling an address that a person typed', () => {
  const strict = new Outgoing([]);

  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://168.63.129.16/metadata',
    'http://100.64.0.1/',
    'http://0.0.0.0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::a00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    // Browsers and Node read these as 127.0.0.1 too.
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1.:80/',
  ])('refuses %s, which is nobody’s public address', async (address) => {
    await expect(strict.request(address)).rejects.toMatchObject(refusal);
  });

  it.each(['ftp://example.com/', 'file:///etc/passwd', 'http://user:secret@example.com/', 'no address', 'gopher://x'])(
    'refuses %s, which is no plain web address',
    async (address) => {
      await expect(strict.request(address)).rejects.toMatchObject(refusal);
    },
  );

  it('reaches networks that the operator allows, and never where a cloud keeps its credentials', async () => {
    const port = await serve(() => ({ status: 200, body: 'hello' }));
    const allowed = new Outgoing(['127.0.0.0/8', '169.254.0.0/16']);

    expect(await allowed.text(`http://127.0.0.1:${port}/`)).toEqual({ status: 200, text: 'hello' });
    await expect(new Outgoing(['10.0.0.0/8']).text(`http://127.0.0.1:${port}/`)).rejects.toMatchObject(refusal);
    await expect(allowed.request('http://169.254.169.254/')).rejects.toMatchObject(refusal);
  });

  it('looks at every place that it is sent on to', async () => {
    const allowed = new Outgoing(['127.0.0.1/32']);
    const away = await serve(({ url }) => ({ status: 302, headers: { location: String(url).slice(1) } }));
    const to = (place: string) => allowed.text(`http://127.0.0.1:${away}/${place}`, { redirects: true });
    const fine = await serve(() => ({ status: 200, body: 'arrived' }));

    expect(await to(`http://127.0.0.1:${fine}/`)).toEqual({ status: 200, text: 'arrived' });
    for (const place of [
      'http://127.0.0.2/',
      'http://10.0.0.1/',
      'http://[::ffff:169.254.169.254]/',
      'file:///etc/passwd',
    ])
      await expect(to(place)).rejects.toMatchObject(refusal);
  });

  it('sends a secret to nobody but the host that it is meant for, and follows nobody with a body', async () => {
    const allowed = new Outgoing(['127.0.0.1/32']);
    const fine = await serve(() => ({ status: 200 }));
    const away = await serve(() => ({ status: 307, headers: { location: `http://127.0.0.1:${fine}/there` } }));
    const headers = { authorization: 'Bearer secret' };

    await allowed.text(`http://127.0.0.1:${away}/`, { headers, redirects: true });
    const posted = await allowed.text(`http://127.0.0.1:${away}/`, {
      method: 'POST',
      body: 'x',
      headers,
      redirects: true,
    });

    expect(posted.status).toBe(307);
    const arrived = seen.filter(({ url }) => url === '/there');
    expect(arrived.map((request) => request.headers.authorization)).toEqual([undefined]);
  });

  it('gives up on what sends it round in circles, and on what has no end', async () => {
    const allowed = new Outgoing(['127.0.0.1/32']);
    const round = await serve(() => ({ status: 302, headers: { location: '/again' } }));
    const long = await serve(() => ({ status: 200, body: 'x'.repeat(1_100_000) }));

    await expect(allowed.text(`http://127.0.0.1:${round}/`, { redirects: true })).rejects.toThrow('too many redirects');
    await expect(allowed.text(`http://127.0.0.1:${long}/`)).rejects.toThrow('too long');
  });

  it('connects to the address that was looked at, and tells the host by its name', async () => {
    const port = await serve(() => ({ status: 200 }));

    await new Outgoing(['127.0.0.0/8', '::1']).text(`http://localhost:${port}/named`).catch(() => undefined);

    expect(seen.find(({ url }) => url === '/named')?.headers.host).toBe(`localhost:${port}`);
  });
});

describe('lists of addresses', () => {
  it('hold addresses and networks of both kinds', () => {
    const list = ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32'];

    expect(
      ['203.0.113.7', '198.51.100.255', '2001:db8:1::1', '::ffff:203.0.113.7'].map((ip) => isAddressIn(list, ip)),
    ).toEqual([true, true, true, true]);
    expect(['203.0.113.8', '198.51.101.0', '2001:db9::1', 'nobody', ''].map((ip) => isAddressIn(list, ip))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('know a mapped address by either of its names', () => {
    expect(isAddressIn(['::ffff:10.0.0.0/104'], '10.9.9.9')).toBe(true);
    expect(isAddressIn(['::ffff:10.0.0.1'], '10.0.0.1')).toBe(true);
    expect(isAddressIn(['::ffff:10.0.0.1'], '10.0.0.2')).toBe(false);
    expect(isPublicAddress('8.8.8.8')).toBe(true);
  });
});
