import { accessApi } from '@loro/contracts/access';
import { authApi } from '@loro/contracts/auth';
import { branchesApi } from '@loro/contracts/branches';
import { Listener } from '../../testing/listener';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';

/** How long an open socket may outlive its licence, on every node. */
const BOUND_MS = 2_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const hub = testHub();
let other: TestNode;
beforeAll(async () => {
  other = await hub.secondNode();
});

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: { code?: string; data?: { code: string } }) => error.code ?? error.data?.code ?? 'broke',
  );
const list = (who: { token: string }, at?: TestNode) => codeOf(hub.api(branchesApi, who, at).list({}));
const fromNow = (ms: number): Date => new Date(hub.clock.now().getTime() + ms);

/** Changes the licence of an organisation, as the licensing room does: everybody of it is affected. */
async function license({ orgId }: Person, change: Readonly<Record<string, Date | string | number | null>>) {
  const columns = Object.keys(change).map((column) => `${column} = ?`);
  await hub.sql(`UPDATE licenses SET ${columns.join(', ')} WHERE org_id = ?`, [...Object.values(change), orgId]);
  await hub.hub.transact(() => hub.hub.changes.record({ orgId, userId: null, sessionId: null }));
  for (const node of [hub, other]) await node.hub.changes.read();
}
const lapsing = (at: Date, graceDays = 0) => ({
  type: 'subscription',
  starts_at: fromNow(-100 * DAY_MS),
  term_start: fromNow(-100 * DAY_MS),
  expires_at: at,
  grace_days: graceDays,
});

async function connect({ token }: { token: string }, at: TestNode = other): Promise<string> {
  const listener = new Listener(at.gateway.url, '/check-ins', token);
  const answer = await codeOf(listener.ready);
  listener.close();
  return answer;
}

describe('a licence that lapses', () => {
  it('shuts everything for staff from that instant, on every node, and ends their connections', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [staff, stranger] = [await hub.person({ beside: admin }), await hub.person()];
    await license(admin, lapsing(fromNow(5 * MINUTE_MS)));
    const listeners = [await hub.listen('/check-ins', staff), await hub.listen('/check-ins', staff, other)];
    const elsewhere = await hub.listen('/check-ins', stranger, other);
    expect([await list(staff), await list(staff, other)]).toEqual(['done', 'done']);

    hub.clock.advance(5 * MINUTE_MS);

    expect([await list(staff), await list(staff, other)]).toEqual(['LICENSE_EXPIRED', 'LICENSE_EXPIRED']);
    await within(BOUND_MS, () => {
      for (const listener of listeners)
        expect(listener.heard('session:ended')).toEqual([{ code: 'LICENSE_EXPIRED', reconnect: false }]);
    });
    expect(await connect(staff)).toBe('LICENSE_EXPIRED');
    expect(elsewhere.heard('session:ended')).toEqual([]);
    expect(await list(stranger)).toBe('done');
  });

  it('leaves owner and administrators what paying takes, and lets everybody sign out', async () => {
    const owner = await hub.person({ role: 'owner' });
    const staff = await hub.person({ beside: owner });
    await license(owner, lapsing(fromNow(-DAY_MS)));

    const listener = await hub.listen('/notifications', owner);

    expect(await list(owner)).toBe('LICENSE_EXPIRED');
    expect(await codeOf(hub.api(authApi, owner).sessions({}))).toBe('done');
    await expect(listener.subscribe(`${owner.orgId}:notices:${owner.branchId}`)).rejects.toThrow('LICENSE_EXPIRED');
    expect(await codeOf(hub.api(authApi, staff).signOut())).toBe('done');
  });

  it('refuses the calls of whoever may stay connected to pay', async () => {
    const owner = await hub.person({ role: 'owner' });
    const listener = await hub.listen('/check-ins', owner);
    await license(owner, lapsing(fromNow(-DAY_MS)));

    await within(BOUND_MS, async () =>
      expect(await listener.call('check-in:start', { position: { lat: -26.1, lng: 28.05 } })).toMatchObject({
        ok: false,
        error: { status: 402, code: 'LICENSE_EXPIRED' },
      }),
    );
    expect(listener.socket.connected).toBe(true);
  });

  it.each([
    ['suspended_at', 'LICENSE_SUSPENDED'],
    ['revoked_at', 'LICENSE_REVOKED'],
  ])('says why: %s', async (column, code) => {
    const staff = await hub.person();
    const listener = await hub.listen('/notifications', staff, other);

    await license(staff, { [column]: fromNow(0) });

    await within(BOUND_MS, async () => expect(await list(staff, other)).toBe(code));
    await within(BOUND_MS, () => expect(listener.heard('session:ended')).toEqual([{ code, reconnect: false }]));
  });

  it('opens everything again once it is paid', async () => {
    const staff = await hub.person();
    await license(staff, lapsing(fromNow(-DAY_MS)));
    expect(await list(staff)).toBe('LICENSE_EXPIRED');

    await license(staff, lapsing(fromNow(DAY_MS)));

    await within(BOUND_MS, async () => expect([await list(staff), await list(staff, other)]).toEqual(['done', 'done']));
    expect(await connect(staff)).toBe('done');
  });
});

describe('a licence in its grace', () => {
  it('works, and every answer says until when', async () => {
    const staff = await hub.person();
    const end = fromNow(5 * DAY_MS);
    await license(staff, lapsing(new Date(end.getTime() - 15 * DAY_MS), 15));

    const answer = await fetch(`${hub.url}/api/v1/branches`, { headers: { authorization: `Bearer ${staff.token}` } });

    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-license-state')).toBe(`grace; until=${end.toISOString()}`);
    const usual = await fetch(`${hub.url}/api/v1/branches`, {
      headers: { authorization: `Bearer ${(await hub.person()).token}` },
    });
    expect(usual.headers.get('x-license-state')).toBeNull();
  });
});

describe('acceptance: a feature that the plan lacks', () => {
  it('is answered with the plans that have it, and with the licence first where that has lapsed', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [starter] = await hub.sql<{ id: string }>(
      "SELECT id FROM plan_versions WHERE code = 'starter' ORDER BY version DESC LIMIT 1",
    );
    await license(admin, { plan_version_id: starter?.id ?? '' });
    const make = () => hub.api(accessApi, admin).makeRole({ name: 'Gardener' });

    await expect(make()).rejects.toMatchObject({
      status: 403,
      code: 'FEATURE_NOT_LICENSED',
      problem: { detail: 'The plan lacks custom-roles; business, enterprise have it.' },
    });
    await license(admin, lapsing(fromNow(-DAY_MS)));
    await expect(make()).rejects.toMatchObject({ status: 402, code: 'LICENSE_EXPIRED' });
  });
});
