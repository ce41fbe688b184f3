import { sealEntries, watchSecurity } from '@loro/contracts/journal-live';
import { ulid } from 'ulid';
import type { JournalNote } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';
import { journal } from '.';

const hub = testHub();

/** Seals, and holds what was sealed against the rules, as the workers would. */
async function watched(): Promise<void> {
  await hub.work(sealEntries.name);
  const jobs = await hub.sql<{ id: string; payload: string }>(
    "SELECT id, payload FROM outbox_jobs WHERE name = ? AND state = 'open' ORDER BY id",
    [watchSecurity.name],
  );
  for (const { id, payload } of jobs) {
    await hub.work(watchSecurity.name, JSON.parse(payload));
    await hub.sql("UPDATE outbox_jobs SET state = 'done' WHERE id = ?", [id]);
  }
  await hub.work(sealEntries.name);
}
async function alertsOf({ orgId }: Person) {
  await watched();
  const rows = await hub.sql<{ severity: string; entity_id: string; data: string }>(
    "SELECT severity, entity_id, data FROM journal_entries WHERE org_id = ? AND action = 'security.alert' ORDER BY id",
    [orgId],
  );
  return rows.map(({ severity, entity_id: id, data }): Record<string, unknown> => ({
    severity,
    id,
    ...JSON.parse(data),
  }));
}
/** Tells it from an address. */
const from = (ip: string, note: JournalNote) =>
  hub.hub.transact(async () => {
    await hub.hub.use(journal).recorder.record([note], { requestId: ulid(), ip, userAgent: '' });
  });
const failedSignIn = ({ orgId }: Person, account: string): JournalNote => ({
  type: 'security_event',
  action: 'sign-in.failed',
  outcome: 'failure',
  severity: 'notice',
  orgId,
  entity: { type: 'account', id: account },
});
/** So that windows of the clock are not cut by chance. */
const toWindowStart = () => hub.clock.advance(600_000 - (hub.clock.now().getTime() % 600_000) + 1_000);

describe('failed sign-ins', () => {
  it('of one account are an alert at the fifth within ten minutes, and once', async () => {
    const admin = await hub.person({ role: 'admin' });
    toWindowStart();
    const account = ulid();
    for (let n = 0; n < 4; n += 1) await from('203.0.113.9', failedSignIn(admin, account));
    const four = await alertsOf(admin);
    await from('203.0.113.9', failedSignIn(admin, account));
    const five = await alertsOf(admin);
    await from('203.0.113.9', failedSignIn(admin, account));

    expect(four).toEqual([]);
    expect(five).toMatchObject([
      { severity: 'warning', id: account, rule: 'failed-sign-ins-of-account', count: 5, windowSec: 600 },
    ]);
    expect(await alertsOf(admin)).toHaveLength(1);
  });

  it('spread over more than ten minutes are none', async () => {
    const admin = await hub.person({ role: 'admin' });
    const account = ulid();
    for (let n = 0; n < 6; n += 1) {
      await from('203.0.113.9', failedSignIn(admin, account));
      hub.clock.advance(151_000);
    }

    expect(await alertsOf(admin)).toEqual([]);
    hub.clock.advance(-6 * 151_000);
  });

  it('from one address over five accounts are a critical one at the twentieth', async () => {
    const admin = await hub.person({ role: 'admin' });
    toWindowStart();
    const accounts = Array.from({ length: 5 }, () => ulid());
    for (let n = 0; n < 20; n += 1) await from('198.51.100.7', failedSignIn(admin, accounts[n % 5] ?? ''));

    const alerts = await alertsOf(admin);

    expect(alerts).toContainEqual(
      expect.objectContaining({ severity: 'critical', rule: 'failed-sign-ins-of-address', count: 20 }),
    );
    expect(JSON.stringify(alerts)).not.toContain('198.51');
  });

  it('are counted anew from the entries when Redis has forgotten them', async () => {
    const admin = await hub.person({ role: 'admin' });
    toWindowStart();
    const account = ulid();
    for (let n = 0; n < 4; n += 1) await from('203.0.113.9', failedSignIn(admin, account));
    await watched();
    const { redis, config } = hub.hub;
    const keys = await redis.keys(`${config.REDIS_PREFIX}:journal:window*`);
    expect(keys.length).toBeGreaterThan(0);
    await redis.del(...keys);

    await from('203.0.113.9', failedSignIn(admin, account));

    expect(await alertsOf(admin)).toMatchObject([{ rule: 'failed-sign-ins-of-account', count: 5 }]);
  });
});

describe('other rules', () => {
  const note = (admin: Person, change: Partial<JournalNote>): JournalNote => ({
    action: 'thing.done',
    orgId: admin.orgId,
    entity: { type: 'user', id: admin.userId },
    ...change,
  });
  const tell = (...notes: JournalNote[]) =>
    hub.hub.transact(async (after) => {
      for (const each of notes) after.record(each);
    });

  it.each([
    [
      'raised-to-admin',
      { action: 'role.granted', data: { role: 'admin' } },
      { action: 'role.granted', data: { role: 'staff' } },
    ],
    ['token-reused', { action: 'session.compromised' }, { action: 'session.ended' }],
    ['impersonation', { action: 'impersonation.started' }, { action: 'impersonation.ended' }],
    [
      'large-export',
      { action: 'clients.exported', data: { count: 10_001 } },
      { action: 'clients.exported', data: { count: 10_000 } },
    ],
  ] as const)('raise %s, and not for what only looks like it', async (rule, bad, good) => {
    const admin = await hub.person({ role: 'admin' });

    await tell(note(admin, { type: 'security_event', ...good }));
    const before = await alertsOf(admin);
    await tell(note(admin, { type: 'security_event', ...bad }));

    expect(before).toEqual([]);
    expect((await alertsOf(admin)).map((alert) => alert['rule'])).toEqual([rule]);
  });

  it('raise an alert at fifty deletions by one person, and at twenty denied requests', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    const { actor } = await hub.hub.authenticator.authenticate(staff.token, '127.0.0.1');
    toWindowStart();
    const caller = { requestId: ulid(), ip: '127.0.0.1', userAgent: '', actor };
    const { recorder } = hub.hub.use(journal);
    const many = (count: number, change: Partial<JournalNote>) =>
      hub.hub.transact(async () => {
        await recorder.record(
          Array.from({ length: count }, () => note(admin, change)),
          caller,
        );
      });
    await many(49, { action: 'client.deleted' });
    await many(19, { action: 'request.denied', outcome: 'denied' });
    const none = await alertsOf(admin);
    await many(1, { action: 'client.deleted' });
    await many(1, { action: 'request.denied', outcome: 'denied' });

    expect(none).toEqual([]);
    expect(await alertsOf(admin)).toMatchObject([
      { rule: 'many-deletions', count: 50, id: staff.userId },
      { rule: 'denied-requests', count: 20, id: staff.userId, windowSec: 300 },
    ]);
  });

  it('reach admins who listen', async () => {
    const admin = await hub.person({ role: 'admin' });
    await watched();
    const listener = await hub.listen('/notifications', admin);
    await listener.subscribe(`${admin.orgId}:journal:${admin.orgId}`);

    await tell(note(admin, { type: 'security_event', action: 'session.compromised' }));
    await watched();

    expect(await listener.next('journal:alert')).toEqual({
      rule: 'token-reused',
      severity: 'critical',
      count: 1,
      windowSec: 600,
      subject: { type: 'user', id: admin.userId },
    });
  });
});

describe('being denied', () => {
  it('is told in the journal, though no transaction was begun', async () => {
    const staff = await hub.person();
    const answer = await fetch(`${hub.url}/api/v1/journal`, { headers: { authorization: `Bearer ${staff.token}` } });
    expect(answer.status).toBe(403);
    await hub.hub.use(journal).gather.flush();

    const rows = await hub.sql('SELECT actor_id, outcome FROM journal_entries WHERE org_id = ? AND action = ?', [
      staff.orgId,
      'request.denied',
    ]);
    expect(rows).toEqual([{ actor_id: staff.userId, outcome: 'denied' }]);
  });
});
