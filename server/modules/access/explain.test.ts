import { accessApi } from '@loro/contracts/access';
import type { Explanation, ExplainQuery } from '@loro/contracts/access-explain';
import type { z } from 'zod';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (who: { token: string }) => hub.api(accessApi, who);

type Asked = Omit<z.input<typeof ExplainQuery>, 'userId'>;
const explain = (by: Person, { userId }: Person, asked: Asked): Promise<Explanation> =>
  api(by).explain({ userId, ...asked });
const shortly = ({ steps }: Explanation) => steps.map(({ step, outcome }) => `${step}: ${outcome}`);

describe('asking why', () => {
  it('tells each step of a route, with how far the permission reaches', async () => {
    const admin = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', beside: admin });

    const why = await explain(admin, manager, { method: 'GET', path: `/branches/${admin.branchId}` });

    expect(why).toMatchObject({ row: 'GET /branches/:branchId', isAllowed: true, code: null });
    expect(shortly(why)).toEqual([
      'row: passed',
      'account: passed',
      'caller: passed',
      'license: passed',
      'feature: passed',
      'flag: passed',
      'permission: passed',
      'fresh-sign-in: passed',
    ]);
    expect(why.reach).toEqual({ scope: 'subtree', branchIds: [admin.branchId] });
  });

  it('names what the person lacks, with the code that would be answered', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });

    const why = await explain(admin, staff, { method: 'POST', path: '/api/v1/branches' });

    expect(why).toMatchObject({ row: 'POST /branches', isAllowed: false, code: 'FORBIDDEN', reach: null });
    expect(why.steps.filter(({ outcome }) => outcome === 'refused')).toEqual([
      {
        step: 'permission',
        outcome: 'refused',
        code: 'FORBIDDEN',
        detail: 'This needs the permission branches.manage.',
      },
    ]);
  });

  it('tells that a fresh sign-in is asked for, which only the call itself can show', async () => {
    const admin = await hub.person({ role: 'admin' });

    const why = await explain(admin, admin, { method: 'POST', path: '/auth/api-keys' });

    expect(why.isAllowed).toBe(true);
    expect(shortly(why)).toContain('fresh-sign-in: depends');
  });

  it('tells of calls over sockets, of public rows, and of what there is not', async () => {
    const admin = await hub.person({ role: 'admin' });
    const auditor = await hub.person({ role: 'auditor', beside: admin });

    const start = await explain(auditor, auditor, { namespace: '/check-ins', call: 'check-in:start' });
    const jwks = await explain(auditor, admin, { method: 'GET', path: '/auth/.well-known/jwks.json' });
    const nothing = await explain(auditor, admin, { method: 'GET', path: '/no/such/thing' });

    expect(start).toMatchObject({ row: '/check-ins check-in:start', isAllowed: false, code: 'FORBIDDEN' });
    expect(jwks).toMatchObject({ isAllowed: true });
    expect(shortly(jwks)).toEqual(['row: passed', 'account: not-asked']);
    expect(nothing).toMatchObject({ row: null, isAllowed: false, code: 'NOT_FOUND' });
  });

  it('says that somebody who left may do nothing', async () => {
    const admin = await hub.person({ role: 'admin' });
    const gone = await hub.person({ beside: admin });
    await hub.sql("UPDATE users SET status = 'deactivated' WHERE org_id = ? AND id = ?", [admin.orgId, gone.userId]);

    expect(await explain(admin, gone, { method: 'GET', path: '/branches' })).toMatchObject({
      isAllowed: false,
      code: 'SESSION_REVOKED',
    });
  });

  it('is for administrators and auditors, about their own organisation', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const staff = await hub.person({ beside: admin });
    const asked = { method: 'GET', path: '/branches' } as const;

    await expect(explain(staff, admin, asked)).rejects.toMatchObject({ status: 403 });
    await expect(explain(admin, stranger, asked)).rejects.toMatchObject({ status: 404 });
    await expect(api(admin).explain({ userId: staff.userId, method: 'GET' })).rejects.toMatchObject({ status: 400 });
  });
});

describe('the matrix', () => {
  it('lists every route, call and stream with its rule, page by page', async () => {
    const auditor = await hub.person({ role: 'auditor' });

    const rules = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const { data, page } = await api(auditor).matrix({ limit: 100, ...(cursor !== undefined && { cursor }) });
      rules.push(...data);
      cursor = page.nextCursor;
    }

    expect(new Set(rules.map(({ row }) => row)).size).toBe(rules.length);
    expect(rules.find(({ row }) => row === 'PATCH /branches/:branchId')).toMatchObject({
      kind: 'route',
      room: 'branches',
      permission: 'branches.update',
      public: null,
      license: 'working',
      needsFreshSignIn: false,
      roles: { owner: 'org', admin: 'org', manager: 'subtree' },
    });
    expect(rules.find(({ row }) => row === 'POST /roles')).toMatchObject({ feature: 'custom-roles' });
    expect(rules.find(({ row }) => row === 'POST /auth/api-keys')).toMatchObject({ needsFreshSignIn: true });
    expect(rules.find(({ row }) => row === '/tracking fix:report')).toMatchObject({ kind: 'call' });
    expect(rules.find(({ row }) => row === '/check-ins stream branch')).toMatchObject({ kind: 'stream' });
    expect(rules.every(({ permission, public: reason }) => permission !== null || reason !== null)).toBe(true);
  });
});
