import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkIntegrations, integrationsApi } from '@loro/contracts/integrations';
import { SMTPServer } from 'smtp-server';
import { type Person, testHub } from '../../testing/test-hub';
import { configuration } from '.';

const hub = testHub({ env: { OUTGOING_PRIVATE: '127.0.0.1/32' } });
const api = (person: Person) => hub.api(integrationsApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const check = () => hub.work(checkIntegrations.name, { tick: hub.clock.now().toISOString() });

/** A service of somebody else: answers 401 unless it is shown the secret that it expects. */
class Service {
  secret = '';
  status = 200;
  readonly asked: IncomingMessage[] = [];
  private readonly server: Server = createServer((request, response) => {
    this.asked.push(request);
    const isKnown = request.headers.authorization === `Bearer ${this.secret}`;
    response.writeHead(isKnown ? this.status : 401).end('what nobody must see');
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/health`;
  }

  close(): void {
    this.server.close();
  }
}

const service = new Service();
let url = '';
beforeAll(async () => {
  url = await service.open();
});
afterAll(() => service.close());
beforeEach(() => {
  service.secret = 'the right secret of the service';
  service.status = 200;
});

const connect = (person: Person, more: object = {}) =>
  api(person).create({ name: 'Messages', config: { kind: 'sms', url }, secret: service.secret, ...more });

describe('connecting a service', () => {
  it('keeps its secret sealed and shows four characters of it', async () => {
    const admin = await hub.person({ role: 'admin' });

    const made = await connect(admin);

    expect(made).toMatchObject({ kind: 'sms', state: 'untested', hasSecret: true, last4: 'vice' });
    expect(JSON.stringify(made)).not.toContain('right secret');
    const rows = await hub.sql<{ sealed: Buffer }>('SELECT sealed FROM config_secrets WHERE org_id = ?', [admin.orgId]);
    expect(rows.map(({ sealed }) => sealed.toString('latin1').includes('secret'))).toEqual([false]);
    expect(await hub.hub.use(configuration).integrations.use(admin.orgId, made.id)).toMatchObject({
      credentials: { secret: service.secret, previous: null },
    });
  });

  it('is the administrators’, in their own organisation', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const staff = await hub.person({ beside: admin });
    const { id: integrationId } = await connect(admin);

    await expect(connect(staff)).rejects.toMatchObject({ status: 403 });
    await expect(api(stranger).get({ integrationId })).rejects.toMatchObject({ status: 404 });
    await expect(api(stranger).test({ integrationId })).rejects.toMatchObject({ status: 404 });
    await expect(api(stranger).remove({ integrationId }, ifMatch(1))).rejects.toMatchObject({ status: 404 });
    expect((await api(stranger).list({})).data).toEqual([]);
  });

  it('refuses what is no address, or holds a password', async () => {
    const admin = await hub.person({ role: 'admin' });

    for (const wrong of ['ftp://example.com', 'https://user:secret@example.com', 'nowhere'])
      await expect(connect(admin, { config: { kind: 'sms', url: wrong } })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      });
  });

  it('changes, switches off and goes, by the version that was read, its secret with it', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: integrationId } = await connect(admin);

    const off = await api(admin).change({ integrationId, name: 'Texts', isDisabled: true }, ifMatch(1));
    await expect(api(admin).change({ integrationId, name: 'Late' }, ifMatch(1))).rejects.toMatchObject({ status: 412 });
    await expect(api(admin).change({ integrationId, config: { kind: 'push', url } }, ifMatch(2))).rejects.toMatchObject(
      { code: 'VALIDATION_FAILED' },
    );
    expect(off).toMatchObject({ name: 'Texts', state: 'disabled', version: 2 });
    expect(await hub.hub.use(configuration).integrations.use(admin.orgId, integrationId)).toBeNull();
    await api(admin).remove({ integrationId }, ifMatch(2));

    await expect(api(admin).get({ integrationId })).rejects.toMatchObject({ status: 404 });
    expect(await hub.sql('SELECT id FROM config_secrets WHERE org_id = ?', [admin.orgId])).toEqual([]);
  });

  it('asks who counts integrations by plan, and undoes all when they refuse', async () => {
    const admin = await hub.person({ role: 'admin' });
    const counts: unknown[] = [];
    hub.hub.use(configuration).hook({
      onAddIntegration: async (orgId, count) => {
        if (orgId !== admin.orgId) return;
        counts.push(count);
        if (count.used >= 1) throw new Error('no room');
      },
    });
    await connect(admin);

    await expect(connect(admin)).rejects.toMatchObject({ status: 500 });
    expect(counts).toEqual([
      { used: 0, adding: 1 },
      { used: 1, adding: 1 },
    ]);
    expect((await api(admin).list({})).data).toHaveLength(1);
  });
});

describe('testing a service', () => {
  it('sends the secret as it is meant to travel, and shows nothing of the answer', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: integrationId } = await connect(admin);

    expect(await api(admin).test({ integrationId })).toEqual({ isOk: true, detail: 'answered 200', state: 'ok' });
    service.secret = 'another';
    const failed = await api(admin).test({ integrationId });

    expect(failed).toMatchObject({ isOk: false, detail: 'answered 401' });
    expect(await api(admin).get({ integrationId })).toMatchObject({ failures: 1, lastError: 'answered 401' });
  });

  it('calls public addresses only', async () => {
    const admin = await hub.person({ role: 'admin' });

    for (const inside of ['http://127.0.0.2/', 'http://10.0.0.8/', 'http://169.254.169.254/', 'http://[::1]/']) {
      const { id: integrationId } = await connect(admin, { config: { kind: 'maps', url: inside } });
      const probed = await api(admin).test({ integrationId });
      expect(probed).toMatchObject({ isOk: false, detail: expect.stringContaining('not a public address') });
    }
  });

  it('greets a mail server, and no mail server inside the network', async () => {
    const admin = await hub.person({ role: 'admin' });
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      onAuth: ({ username, password }, _session, done) =>
        username === 'hub' && password === 'mail secret' ? done(null, { user: 'hub' }) : done(new Error('no')),
      authMethods: ['PLAIN'],
      allowInsecureAuth: true,
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const smtp = { kind: 'smtp', host: '127.0.0.1', port, security: 'none', user: 'hub', from: 'hub@example.com' };
    const right = await connect(admin, { config: smtp, secret: 'mail secret' });
    const wrong = await connect(admin, { config: smtp, secret: 'another' });
    const inside = await connect(admin, { config: { ...smtp, host: '127.0.0.3' } });

    try {
      expect(await api(admin).test({ integrationId: right.id })).toMatchObject({ isOk: true });
      expect(await api(admin).test({ integrationId: wrong.id })).toMatchObject({ isOk: false, detail: 'answered 535' });
      expect(await api(admin).test({ integrationId: inside.id })).toMatchObject({
        isOk: false,
        detail: expect.stringContaining('not a public address'),
      });
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
});

describe('giving a service another secret', () => {
  it('lets the earlier one work beside it for a while', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: integrationId } = await connect(admin);
    const rotated = await api(admin).rotate({ integrationId, secret: 'the new secret of it', overlapHours: 2 });

    // The service has not heard of the new one yet.
    expect(await api(admin).test({ integrationId })).toMatchObject({
      isOk: true,
      detail: expect.stringContaining('earlier'),
    });
    service.secret = 'the new secret of it';
    expect(await api(admin).test({ integrationId })).toMatchObject({ isOk: true, detail: 'answered 200' });
    const { integrations } = hub.hub.use(configuration);
    const during = await integrations.use(admin.orgId, integrationId);
    hub.clock.advance(2 * 3_600_000);
    const later = await integrations.use(admin.orgId, integrationId).finally(() => hub.clock.advance(-2 * 3_600_000));

    expect(rotated).toMatchObject({ last4: 'f it', version: 2, previousUntil: expect.any(String) });
    expect(during?.credentials).toEqual({ secret: service.secret, previous: 'the right secret of the service' });
    expect(later?.credentials).toEqual({ secret: service.secret, previous: null });
  });
});

describe('watching services', () => {
  it('tells administrators after three failures in a row, and when it is well again, each once', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id } = await connect(admin);
    const listener = await hub.listen('/notifications', admin);
    const staff = await hub.listen('/notifications', await hub.person({ beside: admin }));
    const stranger = await hub.listen('/notifications', await hub.person({ role: 'admin' }));

    service.status = 500;
    await check();
    await check();
    expect(listener.heard('integration:failing')).toEqual([]);
    await check();
    await check();
    expect(await listener.next('integration:failing')).toMatchObject({ id, kind: 'sms', name: 'Messages' });
    service.status = 204;
    await check();
    await check();

    expect(await listener.next('integration:recovered')).toMatchObject({ id });
    expect(listener.heard('integration:failing')).toHaveLength(1);
    expect(listener.heard('integration:recovered')).toHaveLength(1);
    for (const other of [staff, stranger]) expect(other.heard('integration:failing')).toEqual([]);
  });

  it('leaves those alone that are switched off', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: integrationId } = await connect(admin);
    await api(admin).change({ integrationId, isDisabled: true }, ifMatch(1));

    await check();

    expect(await api(admin).get({ integrationId })).toMatchObject({ state: 'disabled', lastCheckAt: null });
  });
});
