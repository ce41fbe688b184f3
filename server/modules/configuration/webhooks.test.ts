import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configurationApi } from '@loro/contracts/configuration';
import { deliverWebhook, tidyDeliveries, webhooksApi } from '@loro/contracts/webhooks';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub({ env: { OUTGOING_PRIVATE: '127.0.0.1/32' } });
const api = (person: Person) => hub.api(webhooksApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
let status = 200;
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => (body += part.toString()));
  request.on('end', () => {
    received.push({ headers: request.headers, body });
    response.writeHead(status).end();
  });
});
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
});
afterAll(() => receiver.close());
beforeEach(() => {
  received.length = 0;
  status = 200;
});

const EVENT = 'config:changed';
const listen = (person: Person, more: object = {}) =>
  api(person).create({ name: 'Warehouse', url, events: [EVENT], ...more });
const setSomething = (person: Person, version: number) =>
  hub
    .api(configurationApi, person)
    .setForOrganisation(
      { ownerId: person.orgId, key: 'security.password-min-length', value: 20 + version },
      ifMatch(version),
    );

interface Job {
  id: string;
  payload: string;
  due_at: Date;
}

const waiting = async ({ orgId }: Person): Promise<Job[]> =>
  (
    await hub.sql<Job>("SELECT id, payload, due_at FROM outbox_jobs WHERE name = ? AND state = 'open' ORDER BY id", [
      deliverWebhook.name,
    ])
  ).filter(({ payload }) => payload.includes(orgId));

/** Does what a worker would: every delivery of the organisation that is asked for so far, once. */
async function work(person: Person): Promise<number> {
  const jobs = await waiting(person);
  for (const { id, payload } of jobs) {
    await hub.work(deliverWebhook.name, JSON.parse(payload));
    await hub.sql("UPDATE outbox_jobs SET state = 'done' WHERE id = ?", [id]);
  }
  return jobs.length;
}

const deliveriesOf = async (person: Person, webhookId: string) => (await api(person).deliveries({ webhookId })).data;

const isSigned = ({ headers, body }: Received, secret: string): boolean => {
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
};

describe('sending events to an address', () => {
  it('sends what was asked for, signed, once, and notes what came back', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: webhookId, secret } = await listen(admin);

    await setSomething(admin, 0);
    const [job] = await waiting(admin);
    await work(admin);
    await hub.work(deliverWebhook.name, JSON.parse(job?.payload ?? '{}'));

    expect(received).toHaveLength(1);
    const [first] = received;
    expect(first && isSigned(first, secret)).toBe(true);
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      type: EVENT,
      organisationId: admin.orgId,
      stream: `settings:${admin.orgId}`,
      data: { keys: ['security.password-min-length'], level: 'organisation' },
    });
    expect(await deliveriesOf(admin, webhookId)).toMatchObject([
      { event: EVENT, state: 'delivered', attempts: 1, status: 200, error: null },
    ]);
  });

  it('sends nothing of another organisation, nothing else, and nothing after it was switched off', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const { id: webhookId } = await listen(admin);
    const other = await listen(admin, { events: ['flag:changed'] });

    await setSomething(stranger, 0);
    await api(admin).change({ webhookId, isEnabled: false }, ifMatch(1));
    await setSomething(admin, 0);

    expect(await work(admin)).toBe(0);
    expect(await work(stranger)).toBe(0);
    expect(await deliveriesOf(admin, other.id)).toEqual([]);
    expect(received).toEqual([]);
  });

  it('notes nothing of a change that was undone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: webhookId } = await listen(admin);
    await setSomething(admin, 0);

    await expect(setSomething(admin, 0)).rejects.toMatchObject({ status: 412 });

    expect(await deliveriesOf(admin, webhookId)).toHaveLength(1);
  });

  it('shows its secret once, and signs by both while it is changed', async () => {
    const admin = await hub.person({ role: 'admin' });
    const made = await listen(admin);
    const webhookId = made.id;
    const { secret } = await api(admin).rotate({ webhookId, overlapHours: 1 });

    await api(admin).test({ webhookId });
    await work(admin);

    expect(JSON.stringify(await api(admin).get({ webhookId }))).not.toContain(secret);
    expect(received.map((one) => [isSigned(one, made.secret), isSigned(one, secret)])).toEqual([[true, true]]);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ type: 'webhook:tested' });
  });

  it('is refused for events that are none, and for people who may not', async () => {
    const admin = await hub.person({ role: 'admin' });
    const stranger = await hub.person({ role: 'admin' });
    const { id: webhookId } = await listen(admin);

    await expect(listen(admin, { events: ['no-such:event'] })).rejects.toMatchObject({ code: 'UNKNOWN_EVENT' });
    await expect(listen(await hub.person())).rejects.toMatchObject({ status: 403 });
    for (const call of [api(stranger).get, api(stranger).test, api(stranger).deliveries])
      await expect(call({ webhookId })).rejects.toMatchObject({ status: 404 });
  });
});

describe('a receiver that does not answer well', () => {
  it('is tried again, later each time, with the same id and body', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: webhookId } = await listen(admin);
    status = 503;
    await setSomething(admin, 0);

    await work(admin);
    const [next] = await waiting(admin);
    await work(admin);
    status = 201;
    await work(admin);

    expect((next?.due_at.getTime() ?? 0) - hub.clock.now().getTime()).toBeGreaterThan(0);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(await deliveriesOf(admin, webhookId)).toMatchObject([{ state: 'delivered', attempts: 3, status: 201 }]);
    expect(await waiting(admin)).toEqual([]);
  });

  it('is given up after a day of tries, and can be asked once more', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: webhookId } = await listen(admin);
    status = 500;
    await setSomething(admin, 0);

    for (let n = 0; n < 9; n += 1) await work(admin);
    const [delivery] = await deliveriesOf(admin, webhookId);
    status = 200;
    await api(admin).redeliver({ webhookId, deliveryId: delivery?.id ?? '' });
    await work(admin);

    expect(delivery).toMatchObject({ state: 'given-up', attempts: 9, error: 'answered 500' });
    expect(await api(admin).get({ webhookId })).toMatchObject({ failures: 0, isEnabled: true });
    expect(await deliveriesOf(admin, webhookId)).toMatchObject([{ state: 'delivered' }]);
  });

  it('that is gone for good is asked no more, and administrators are told', async () => {
    const admin = await hub.person({ role: 'admin' });
    const listener = await hub.listen('/notifications', admin);
    const { id: webhookId } = await listen(admin);
    status = 410;
    await setSomething(admin, 0);

    await work(admin);

    expect(await api(admin).get({ webhookId })).toMatchObject({ isEnabled: false });
    expect(await deliveriesOf(admin, webhookId)).toMatchObject([{ state: 'given-up', attempts: 1 }]);
    expect(await listener.next('integration:failing')).toMatchObject({ id: webhookId, kind: 'webhook' });
    await setSomething(admin, 1);
    expect(await waiting(admin)).toEqual([]);
  });

  it('is not called inside the network', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: webhookId } = await listen(admin, { url: 'http://10.0.0.1/hooks' });
    await setSomething(admin, 0);

    await work(admin);

    expect(await deliveriesOf(admin, webhookId)).toMatchObject([
      { state: 'waiting', attempts: 1, status: null, error: expect.stringContaining('not a public address') },
    ]);
  });
});

describe('what was sent', () => {
  it('is forgotten after thirty days', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: webhookId } = await listen(admin);
    await setSomething(admin, 0);
    const tick = () => hub.work(tidyDeliveries.name, { tick: hub.clock.now().toISOString() });

    await tick();
    expect(await deliveriesOf(admin, webhookId)).toHaveLength(1);
    await hub.sql('UPDATE webhook_deliveries SET created_at = created_at - INTERVAL 31 DAY WHERE org_id = ?', [
      admin.orgId,
    ]);
    await tick();

    expect(await deliveriesOf(admin, webhookId)).toEqual([]);
  });
});
