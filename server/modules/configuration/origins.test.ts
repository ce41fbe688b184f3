import { configurationApi } from '@loro/contracts/configuration';
import { RawPeer } from '../../testing/raw-peer';
import { type Person, testHub } from '../../testing/test-hub';
import { Listener } from '../../testing/listener';

const hub = testHub();
const ORIGINS = 'security.allowed-origins';
const IP = 'security.ip-allow';
const PORTAL = 'https://portal.customer.example';
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });

const set = (person: Person, key: string, value: unknown, version = 0) =>
  hub.api(configurationApi, person).setForOrganisation({ ownerId: person.orgId, key, value }, ifMatch(version));
const call = (person: Person, origin: string) =>
  fetch(`${hub.url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${person.token}`, origin } });
const preflight = (origin: string) =>
  fetch(`${hub.url}/api/v1/auth/me`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET' },
  });
const allowed = (response: Response) => response.headers.get('access-control-allow-origin');

describe('pages on other hosts', () => {
  it('may call once the organisation lists them, for that organisation alone', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person()];
    expect(allowed(await preflight(PORTAL))).toBeNull();

    await set(admin, ORIGINS, [PORTAL]);

    expect(allowed(await preflight(PORTAL))).toBe(PORTAL);
    const own = await call(admin, PORTAL);
    expect([own.status, allowed(own)]).toEqual([200, PORTAL]);
    const foreign = await call(stranger, PORTAL);
    expect([foreign.status, await foreign.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'ORIGIN_NOT_ALLOWED' }),
    ]);
    await set(admin, ORIGINS, [], 1);
    expect(allowed(await preflight(PORTAL))).toBeNull();
  });

  it('may open sockets for that organisation alone', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person()];
    const open = async ({ token }: Person) => {
      const listener = new Listener(hub.url, '/notifications', token, { extraHeaders: { origin: PORTAL } });
      try {
        return await listener.ready;
      } finally {
        listener.close();
      }
    };
    await expect(open(admin)).rejects.toThrow('websocket error');

    await set(admin, ORIGINS, [PORTAL]);

    expect(await open(admin)).toMatchObject({ protocol: 1 });
    await expect(open(stranger)).rejects.toMatchObject({ data: { code: 'ORIGIN_NOT_ALLOWED' } });
    await set(admin, ORIGINS, [], 1);
  });

  it('cannot shut out the hub’s own pages by listing them as theirs', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person()];

    await set(admin, ORIGINS, [hub.url]);

    expect((await call(stranger, hub.url)).status).toBe(200);
    const peer = new RawPeer(hub.url, { headers: { origin: hub.url } });
    await peer.next();
    peer.cut();
    await set(admin, ORIGINS, [], 1);
  });

  it('are named as browsers send them', async () => {
    const admin = await hub.person({ role: 'admin' });

    for (const wrong of [
      'portal.example',
      'https://portal.example/',
      'https://portal.example/page',
      '*',
      'ftp://a.example',
    ])
      await expect(set(admin, ORIGINS, [wrong])).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('a list of addresses', () => {
  it('lets people in from there, and from nowhere else, on REST and sockets alike', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person()];
    const from = (person: Person, address: string) => hub.hub.authenticator.authenticate(person.token, address);

    await set(admin, IP, ['127.0.0.0/8', '::1/128', '203.0.113.0/24']);

    expect((await call(admin, '')).status).toBe(200);
    expect(await from(admin, '203.0.113.9')).toMatchObject({ actor: { userId: admin.userId } });
    await expect(from(admin, '198.51.100.1')).rejects.toMatchObject({ code: 'ADDRESS_NOT_WELCOME', status: 403 });
    await expect(hub.hub.authenticator.admit(admin.token, '198.51.100.1')).rejects.toMatchObject({
      code: 'ADDRESS_NOT_WELCOME',
    });
    expect(await from(stranger, '198.51.100.1')).toMatchObject({ actor: { userId: stranger.userId } });
  });
});
