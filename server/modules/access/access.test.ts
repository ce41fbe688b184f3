import { accessApi } from '@loro/contracts/access';
import { branchesApi } from '@loro/contracts/branches';
import { checkInsApi } from '@loro/contracts/check-ins';
import { testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { access } from '.';

/** How long rights may outlive their end, on every node. */
const BOUND_MS = 2_000;

const hub = testHub();
let other: TestNode;
beforeAll(async () => {
  other = await hub.secondNode();
});

const api = (who: { token: string }) => hub.api(accessApi, who);
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

describe('acceptance: who sees what', () => {
  it('a manager of a branch lists that branch and what is below it, and nothing of its neighbours', async () => {
    const manager = await hub.person({ role: 'manager' });
    const inside = await hub.branch(manager.orgId);
    await hub.sql('UPDATE branches SET parent_id = ?, path = ? WHERE org_id = ? AND id = ?', [
      manager.branchId,
      `/${manager.branchId}/${inside}/`,
      manager.orgId,
      inside,
    ]);
    await hub.branch(manager.orgId);

    const { data } = await hub.api(branchesApi, manager).list({});

    expect(data.map(({ id }) => id).toSorted()).toEqual([manager.branchId, inside].toSorted());
  });

  it('a call over a socket is refused once its permission is gone, without a new connection', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const listener = await hub.listen('/check-ins', person, other);
    const begin = () => listener.call('check-in:start', { position: { lat: -26.1, lng: 28.05 } });
    expect(await begin()).toMatchObject({ ok: true });

    await hub.hub.use(access).revoke(admin.orgId, person.userId, 'staff');

    await within(BOUND_MS, async () =>
      expect(await begin()).toMatchObject({
        ok: false,
        error: { code: 'FORBIDDEN', status: 403 },
      }),
    );
    expect(listener.socket.connected).toBe(true);
    await within(BOUND_MS, async () =>
      expect(await codeOf(hub.api(checkInsApi, person, other).list({}))).toBe('FORBIDDEN'),
    );
  });

  it('scope team reaches those whom a person leads, and nobody beside them', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [lead, led, other3] = [
      await hub.person({ beside: admin }),
      await hub.person({ beside: admin }),
      await hub.person({ beside: admin }),
    ];
    await hub.sql('UPDATE users SET manager_id = ? WHERE org_id = ? AND id = ?', [
      lead.userId,
      admin.orgId,
      led.userId,
    ]);
    const { id } = await api(admin).makeRole({
      name: 'Team lead',
      permissions: [{ permission: 'roles.read', scope: 'team' }],
    });

    await api(admin).grantRole({ userId: lead.userId, role: id });
    await hub.hub.changes.read();

    expect(await codeOf(api(lead).rolesOf({ userId: led.userId }))).toBe('done');
    expect(await codeOf(api(lead).rolesOf({ userId: other3.userId }))).toBe('NOT_FOUND');
  });
});

describe('acceptance: a warm request', () => {
  it('asks the database nothing about who may do what', async () => {
    const admin = await hub.person({ role: 'admin' });
    await api(admin).matrix({ limit: 1 });
    const { sequelize, reads, pool } = hub.hub;
    const spies = [
      jest.spyOn(sequelize, 'query'),
      jest.spyOn(reads, 'one'),
      jest.spyOn(reads, 'all'),
      jest.spyOn(pool, 'query'),
    ];

    await api(admin).matrix({ limit: 1 });
    const asked = spies.flatMap(({ mock }) => mock.calls.map(([statement]) => JSON.stringify(statement)));
    for (const spy of spies) spy.mockRestore();

    // The ticks of the process look for changes and for work of their own.
    expect(
      asked.filter(
        (statement) => !/auth_changes|outbox|stream_|config_versions|usage_counters|metric_|activity_/.test(statement),
      ),
    ).toEqual([]);
  });
});
