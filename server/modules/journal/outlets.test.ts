import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { journalApi } from '@loro/contracts/journal';
import type { JournalEntry } from '@loro/contracts/journal-entries';
import { sealEntries } from '@loro/contracts/journal-live';
import { shipEntries } from '@loro/contracts/journal-outlets';
import { type Person, testHub } from '../../testing/test-hub';

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const taken: Delivery[] = [];
let answers = 200;
const webhook = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => (body += part.toString()));
  request.on('end', () => {
    taken.push({ headers: request.headers, body });
    response.writeHead(answers).end();
  });
});
let syslogged = '';
const syslog: Server = createTcpServer((socket) => {
  socket.setEncoding('utf8').on('data', (part: string) => (syslogged += part));
  socket.on('error', () => undefined);
});

const hub = testHub({ env: { OUTGOING_PRIVATE: '127.0.0.1' } });
const api = (person: Person) => hub.api(journalApi, person);
const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
let url = '';
let tcp = '';

beforeAll(async () => {
  url = `http://127.0.0.1:${await listening(webhook)}/siem`;
  tcp = `tcp://127.0.0.1:${await listening(syslog)}`;
});
afterAll(() => {
  webhook.close();
  syslog.close();
});
beforeEach(() => {
  taken.length = 0;
  answers = 200;
  syslogged = '';
});

const tell = ({ orgId }: Person, ...actions: string[]) =>
  hub.hub.transact(async (after) => {
    for (const action of actions) after.record({ action, orgId, data: { text: 'Zoë “]\\' } });
  });
async function ship(): Promise<void> {
  await hub.work(sealEntries.name);
  await hub.work(shipEntries.name);
}
const entriesFor = ({ orgId }: Person): JournalEntry[] =>
  taken
    .flatMap(({ body }) => body.split('\n').filter((line) => line !== ''))
    .map((line) => JSON.parse(line) as JournalEntry)
    .filter((entry) => entry.orgId === orgId);
/** As if the wait after a failure were over. */
const waited = ({ orgId }: Person) =>
  hub.sql('UPDATE journal_outlets SET next_try_at = NULL, leased_until = NULL WHERE org_id = ?', [orgId]);

describe('sending entries on to a webhook', () => {
  it('brings each in the order of the chain, signed, and personal values stay behind', async () => {
    const admin = await hub.person({ role: 'admin' });
    await ship();
    const { secret } = await api(admin).addOutlet({ name: 'SIEM', kind: 'webhook', address: url });
    await hub.hub.transact(async (after) => {
      after.record({ action: 'thing.made', orgId: admin.orgId });
      after.record({
        action: 'client.named',
        orgId: admin.orgId,
        entity: { type: 'client', id: 'c1' },
        data: { name: 'Very Personal' },
        personal: ['name'],
      });
    });
    await ship();

    const entries = entriesFor(admin);
    expect(entries.map(({ action }) => action).slice(-2)).toEqual(['thing.made', 'client.named']);
    const seqs = entries.map(({ seq }) => seq ?? 0);
    expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
    expect(taken.map(({ body }) => body).join('')).not.toContain('Very Personal');
    const [{ headers, body } = { headers: {}, body: '' }] = taken;
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', secret ?? '')
        .update(signed)
        .digest('base64')}`,
    );
  });

  it('loses nothing while the other side is away, and goes on where it stopped', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id } = await api(admin).addOutlet({ name: 'SIEM', kind: 'webhook', address: url, from: 'beginning' });
    answers = 503;
    await tell(admin, 'first.told');
    await ship();

    const waiting = await api(admin).outlet({ outletId: id });
    expect(waiting).toMatchObject({ failures: 1, lastError: 'it answered 503', shippedSeq: 0 });
    expect(waiting.waiting).toBeGreaterThan(0);
    expect(Date.parse(waiting.nextTryAt ?? '')).toBeGreaterThan(hub.clock.now().getTime());
    answers = 200;
    taken.length = 0;
    await tell(admin, 'second.told');
    await ship();
    expect(entriesFor(admin)).toEqual([]);
    await waited(admin);
    await ship();

    const told = entriesFor(admin).map(({ action }) => action);
    expect(told.filter((action) => action.endsWith('.told'))).toEqual(['first.told', 'second.told']);
    expect(await api(admin).outlet({ outletId: id })).toMatchObject({ failures: 0, lastError: null, waiting: 0 });
  });

  it('sends again what a worker sent that died before it said so', async () => {
    const admin = await hub.person({ role: 'admin' });
    await api(admin).addOutlet({ name: 'SIEM', kind: 'webhook', address: url, from: 'beginning' });
    await tell(admin, 'thing.told');
    await ship();
    await hub.sql('UPDATE journal_outlets SET shipped_seq = 0 WHERE org_id = ?', [admin.orgId]);
    await ship();

    const seqs = entriesFor(admin).map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(seqs.length / 2);
  });

  it('is done by one of two workers that wake at once', async () => {
    const admin = await hub.person({ role: 'admin' });
    await api(admin).addOutlet({ name: 'SIEM', kind: 'webhook', address: url, from: 'beginning' });
    await tell(admin, 'thing.told');
    await hub.work(sealEntries.name);

    await Promise.all([1, 2, 3].map(() => hub.work(shipEntries.name)));

    const seqs = entriesFor(admin).map(({ seq }) => seq);
    expect(seqs.length).toBeGreaterThan(0);
    expect(new Set(seqs).size).toBe(seqs.length);
  });

  it('is told the journal when it goes on failing, stands still while it is off, and ends when it is removed', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id } = await api(admin).addOutlet({ name: 'SIEM', kind: 'webhook', address: url, from: 'beginning' });
    answers = 500;
    for (let n = 0; n < 3; n += 1) {
      await waited(admin);
      await ship();
    }
    const failing = await hub.sql(
      "SELECT 1 FROM journal_entries WHERE org_id = ? AND action = 'journal-outlet.failing'",
      [admin.orgId],
    );
    expect(failing).toHaveLength(1);

    answers = 200;
    taken.length = 0;
    const off = await api(admin).changeOutlet({ outletId: id, isEnabled: false }, { headers: { 'if-match': '"1"' } });
    await ship();
    expect(entriesFor(admin)).toEqual([]);
    await api(admin).changeOutlet({ outletId: id, isEnabled: true }, { headers: { 'if-match': `"${off.version}"` } });
    await ship();
    expect(entriesFor(admin).length).toBeGreaterThan(0);
    await api(admin).removeOutlet({ outletId: id }, { headers: { 'if-match': '"3"' } });
    await expect(api(admin).outlet({ outletId: id })).rejects.toMatchObject({ status: 404 });
  });
});

describe('sending entries on to a syslog server', () => {
  it('writes one counted message an entry, with what a reader must not take for its end written otherwise', async () => {
    const admin = await hub.person({ role: 'admin' });
    await ship();
    await api(admin).addOutlet({ name: 'Syslog', kind: 'syslog', address: tcp });
    await hub.hub.transact(async (after) =>
      after.record({
        action: 'door.opened',
        orgId: admin.orgId,
        severity: 'critical',
        entity: { type: 'door', id: 'a]"b\\c' },
        data: { text: 'Zoë' },
      }),
    );
    await ship();

    const messages: string[] = [];
    for (let rest = Buffer.from(syslogged); rest.length > 0;) {
      const length = Number(rest.subarray(0, rest.indexOf(' ')).toString());
      const from = rest.indexOf(' ') + 1;
      messages.push(rest.subarray(from, from + length).toString());
      rest = rest.subarray(from + length);
    }
    const door = messages.find((message) => message.includes('door.opened')) ?? '';
    expect(door).toMatch(
      /^<106>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z test loro-hub - door\.opened \[loro@32473 id="/,
    );
    expect(door).toContain(`org="${admin.orgId}"`);
    expect(door).toContain('entity="door:a\\]\\"b\\\\c"');
    expect(door).toContain('] \ufeff{');
    expect(door).toContain('"text":"Zoë"');
  });

  it('keeps what a server did not take', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id } = await api(admin).addOutlet({ name: 'Gone', kind: 'syslog', address: 'tcp://127.0.0.1:1' });
    await tell(admin, 'thing.told');
    await ship();

    const standing = await api(admin).outlet({ outletId: id });
    expect(standing.failures).toBe(1);
    expect(standing.waiting).toBeGreaterThan(0);
  });
});

describe('who says where entries go', () => {
  it('is an administrator of the organisation, and the place is a public one', async () => {
    const admin = await hub.person({ role: 'admin' });
    const stranger = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    const wish = { name: 'SIEM', kind: 'webhook', address: url } as const;
    const { id } = await api(admin).addOutlet(wish);

    await expect(api(staff).addOutlet(wish)).rejects.toMatchObject({ status: 403 });
    await expect(api(stranger).outlet({ outletId: id })).rejects.toMatchObject({ status: 404 });
    await expect(
      api(stranger).removeOutlet({ outletId: id }, { headers: { 'if-match': '"1"' } }),
    ).rejects.toMatchObject({ status: 404 });
    await expect(api(admin).addOutlet({ ...wish, address: 'http://10.0.0.1/' })).rejects.toMatchObject({
      code: 'ADDRESS_NOT_ALLOWED',
    });
    await expect(api(admin).addOutlet({ ...wish, kind: 'syslog' })).rejects.toMatchObject({
      status: 422,
      problem: { errors: [{ path: 'address' }] },
    });
    const [row] = await hub.sql<{ secret: Buffer }>('SELECT secret FROM journal_outlets WHERE id = ?', [id]);
    expect(row?.secret.length).toBeGreaterThan(40);
    expect((await api(admin).outlets({})).data.map((outlet) => outlet.id)).toEqual([id]);
  });
});
