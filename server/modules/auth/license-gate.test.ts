import { authApi } from '@loro/contracts/auth';
import { checkInsApi } from '@loro/contracts/check-ins';
import { letter, post, tokenIn } from '../../testing/links';
import { enrol, forgetLimits, outcome, signIn } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GRACE_DAYS = 7;
const LAPSED = { status: 402, code: 'LICENSE_EXPIRED' };

beforeEach(() => forgetLimits(hub));

const set = async ({ orgId }: Person, columns: Record<string, unknown>): Promise<void> => {
  await hub.sql('UPDATE licenses SET ? WHERE org_id = ?', [columns, orgId]);
  // Whoever remembers the licence listens since the start, and so hears it before this one.
  const heard = new Promise<void>((resolve) =>
    hub.hub.changes.onChange((change) => {
      if (change.orgId === orgId && change.userId === null) resolve();
    }),
  );
  await hub.hub.changes.record({ orgId, userId: null, sessionId: null });
  await heard;
};

/** From now the licence is in its grace for ten seconds more. @returns its end */
async function toTheEndOfGrace(owner: Person): Promise<Date> {
  const graceUntil = new Date(hub.clock.now().getTime() + 10_000);
  const expiresAt = new Date(graceUntil.getTime() - GRACE_DAYS * DAY_MS);
  const startsAt = new Date(expiresAt.getTime() - 30 * DAY_MS);
  const dates = { starts_at: startsAt, term_start: startsAt, expires_at: expiresAt };
  await set(owner, { type: 'subscription', grace_days: GRACE_DAYS, ...dates });
  return graceUntil;
}

/** An owner and somebody of the staff, whose licence ends in ten seconds. */
async function atTheEndOfGrace(): Promise<{ owner: Person; staff: Person; graceUntil: Date }> {
  const owner = await hub.person({ role: 'owner' });
  const staff = await hub.person({ beside: owner });
  return { owner, staff, graceUntil: await toTheEndOfGrace(owner) };
}

const login = ({ email, password }: Person) => post(hub, '/auth/login', { email, password });

async function signedIn(person: Person): Promise<{ token: string; refreshToken: string; only: string | undefined }> {
  const answer = await signIn(hub, person);
  if (answer.status !== 'signed-in') throw new Error(answer.status);
  return { token: answer.accessToken, refreshToken: answer.refreshToken ?? '', only: answer.only };
}

describe('acceptance: signing in at the end of a licence’s grace', () => {
  it('lets everybody in until the last moment, and says when that is', async () => {
    const { staff, graceUntil } = await atTheEndOfGrace();

    const { status, headers } = await login(staff);

    expect(status).toBe(200);
    expect(headers.get('x-license-state')).toBe(`grace; until=${graceUntil.toISOString()}`);
  });

  it('lets the owner in to pay from then on, and the staff not at all', async () => {
    const { owner, staff } = await atTheEndOfGrace();
    const admin = await hub.person({ role: 'admin', beside: owner });
    hub.clock.advance(10_000);

    expect(await login(staff)).toMatchObject(LAPSED);
    for (const paying of [owner, admin]) {
      const { only, token } = await signedIn(paying);
      expect(only).toBe('billing');
      expect(await hub.api(authApi, { token }).me()).toMatchObject({ user: { id: paying.userId } });
      expect(await outcome(hub.api(checkInsApi, { token }).list())).toMatchObject({ status: 403 });
    }
  });

  it('gives wrong passwords the usual answer, whatever the licence is', async () => {
    const { owner, staff } = await atTheEndOfGrace();
    hub.clock.advance(10_000);

    for (const { email } of [owner, staff])
      expect(await post(hub, '/auth/login', { email, password: 'a wrong guess' })).toMatchObject({
        status: 401,
        code: 'INVALID_CREDENTIALS',
      });
  });

  it('asks staff with a second factor for no code that would open nothing', async () => {
    const { staff } = await atTheEndOfGrace();
    await enrol(hub, staff);
    hub.clock.advance(10_000);

    expect(await login(staff)).toMatchObject(LAPSED);
  });
});

describe('a session whose licence lapses', () => {
  it('hands in what was recorded offline for three days, then nothing, and goes on once somebody paid', async () => {
    const { owner, staff, graceUntil } = await atTheEndOfGrace();
    const first = await signedIn(staff);
    hub.clock.advance(10_000);

    const narrowed = await hub.api(authApi).refresh({ refreshToken: first.refreshToken });
    hub.clock.advance(72 * HOUR_MS - 5 * 60_000);
    const last = await hub.api(authApi).refresh({ refreshToken: narrowed.refreshToken ?? '' });
    hub.clock.advance(5 * 60_000);
    const over = await outcome(hub.api(authApi).refresh({ refreshToken: last.refreshToken ?? '' }));
    await set(owner, { expires_at: new Date(hub.clock.now().getTime() + 30 * DAY_MS) });
    const again = await hub.api(authApi).refresh({ refreshToken: last.refreshToken ?? '' });

    expect([narrowed.only, last.only]).toEqual(['offline-upload', 'offline-upload']);
    expect(await outcome(hub.api(checkInsApi, { token: narrowed.accessToken }).list())).toMatchObject({ status: 401 });
    expect(Date.parse(last.expiresAt)).toBeLessThanOrEqual(graceUntil.getTime() + 72 * HOUR_MS);
    expect(over).toEqual(LAPSED);
    expect(again.only).toBeUndefined();
    expect(await outcome(hub.api(checkInsApi, { token: again.accessToken }).list())).toMatchObject({ status: 200 });
  });

  it('of the owner goes on for paying alone', async () => {
    const { owner } = await atTheEndOfGrace();
    const { refreshToken } = await signedIn(owner);
    hub.clock.advance(10_000);

    expect(await hub.api(authApi).refresh({ refreshToken })).toMatchObject({ only: 'billing' });
  });
});

describe('a licence that is suspended', () => {
  it('lets the owner in to settle it, and the staff not at all, not even with what was recorded offline', async () => {
    const owner = await hub.person({ role: 'owner' });
    const staff = await hub.person({ beside: owner });
    const { refreshToken } = await signedIn(staff);
    await set(owner, { suspended_at: hub.clock.now(), suspend_reason: 'a test' });

    expect(await login(staff)).toMatchObject({ status: 402, code: 'LICENSE_SUSPENDED' });
    expect(await outcome(hub.api(authApi).refresh({ refreshToken }))).toMatchObject({ status: 402 });
    expect(await signedIn(owner)).toMatchObject({ only: 'billing' });
  });
});

describe('an invitation to an organisation whose licence lapsed', () => {
  it('waits until the licence works again', async () => {
    const owner = await hub.person({ role: 'owner' });
    const email = `invited-${owner.email}`;
    const invitation = { email, name: 'Sipho', roles: ['staff'], branchId: owner.branchId };
    await hub.api(authApi, owner).invite(invitation);
    const token = tokenIn(await letter(hub, email, /You are invited/));
    const accept = () => post(hub, '/auth/accept-invite', { token, password: 'a long walk by the river' });
    await toTheEndOfGrace(owner);
    hub.clock.advance(10_000);

    const early = await accept();
    await set(owner, { expires_at: new Date(hub.clock.now().getTime() + 30 * DAY_MS) });

    expect(early).toMatchObject(LAPSED);
    expect((await accept()).status).toBe(200);
  });
});
