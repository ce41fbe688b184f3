import { accountSafetyApi } from '@loro/contracts/account-safety';
import { authApi } from '@loro/contracts/auth';
import { anOwner } from '../../testing/licenses';
import { letter, tokenIn } from '../../testing/links';
import { challengeOf, enrol, forgetLimits, outcome, signIn } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (person?: Pick<Person, 'token'>) => hub.api(authApi, person);
const safety = (person: Pick<Person, 'token'>) => hub.api(accountSafetyApi, person);
const HOUR_MS = 3_600_000;

beforeEach(() => forgetLimits(hub));

/** An owner with a second factor, who has asked for its recovery and confirmed that by mail. */
async function recovering(): Promise<{ owner: Person; app: Awaited<ReturnType<typeof enrol>>['app'] }> {
  const owner = await anOwner(hub);
  const { app } = await enrol(hub, owner);
  await api().lostFactor({ challengeId: await challengeOf(hub, owner) });
  await api().confirmLostFactor({ token: tokenIn(await letter(hub, owner.email, 'You lost your second factor')) });
  return { owner, app };
}
const wait = (hours: number) => hub.clock.advance(hours * HOUR_MS);

describe('an owner who lost the second factor', () => {
  it('gets in again by password, mailbox and three days of patience, and sets up another', async () => {
    const { owner } = await recovering();
    const early = await challengeOf(hub, owner);
    expect(await outcome(api().finishLostFactor({ challengeId: early }))).toEqual({
      status: 409,
      code: 'RECOVERY_WAITING',
    });

    wait(72);
    const entered = await api().finishLostFactor({ challengeId: await challengeOf(hub, owner) });

    expect(entered.status).toBe('signed-in');
    expect(await api({ token: entered.accessToken ?? '' }).factors()).toMatchObject({ factors: [] });
    expect(await signIn(hub, owner)).toMatchObject({ status: 'signed-in' });
    expect(await outcome(api(owner).me())).toMatchObject({ status: 401 });
    expect((await hub.mails(owner.email)).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['Your second factors were removed', 'Your second factor is to be removed in three days']),
    );
    wait(-72);
  });

  it('is stopped by whoever signs in with the factor after all', async () => {
    const { owner, app } = await recovering();

    await api().verifyFactor({ challengeId: await challengeOf(hub, owner), code: app.next() });
    wait(72);

    expect(await outcome(api().finishLostFactor({ challengeId: await challengeOf(hub, owner) }))).toEqual({
      status: 409,
      code: 'RECOVERY_NONE',
    });
    wait(-72);
  });

  it('is stopped by an administrator, who hears of it by mail, and by whoever is signed in', async () => {
    const owner = await anOwner(hub);
    const admin = await hub.person({ role: 'admin', beside: owner });
    const stranger = await hub.person({ role: 'admin' });
    await enrol(hub, owner);
    const begin = async () => {
      await api().lostFactor({ challengeId: await challengeOf(hub, owner) });
      await api().confirmLostFactor({ token: tokenIn(await letter(hub, owner.email, 'You lost your second factor')) });
    };
    const waiting = async () =>
      (await hub.sql('SELECT 1 FROM factor_recoveries WHERE user_id = ?', [owner.userId])).length;

    await begin();
    expect((await hub.mails(admin.email)).map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/recovers a second factor$/),
    ]);
    expect(await outcome(safety(stranger).stopRecovery({ userId: owner.userId }))).toMatchObject({ status: 404 });
    await safety(admin).stopRecovery({ userId: owner.userId });
    expect(await waiting()).toBe(0);

    await begin();
    await api(owner).cancelLostFactor();
    expect(await waiting()).toBe(0);
  });

  it('waits no longer for being asked again, and is over a week after it opened', async () => {
    const { owner } = await recovering();
    wait(48);
    await api().lostFactor({ challengeId: await challengeOf(hub, owner) });
    const again = await api().confirmLostFactor({
      token: tokenIn(await letter(hub, owner.email, 'You lost your second factor')),
    });
    expect(Date.parse(again.opensAt) - hub.clock.now().getTime()).toBeLessThanOrEqual(24 * HOUR_MS);

    wait(24 + 7 * 24);
    expect(await outcome(api().finishLostFactor({ challengeId: await challengeOf(hub, owner) }))).toEqual({
      status: 409,
      code: 'RECOVERY_NONE',
    });
    wait(-(48 + 24 + 7 * 24));
  });

  it('needs the password: without its challenge nothing begins, and the link works once', async () => {
    const owner = await anOwner(hub);
    await enrol(hub, owner);
    expect(await outcome(api().lostFactor({ challengeId: 'made up' }))).toEqual({
      status: 401,
      code: 'MFA_CHALLENGE_ENDED',
    });
    await api().lostFactor({ challengeId: await challengeOf(hub, owner) });
    const token = tokenIn(await letter(hub, owner.email, 'You lost your second factor'));
    await api().confirmLostFactor({ token });

    expect(await outcome(api().confirmLostFactor({ token }))).toMatchObject({ code: 'TOKEN_USED_OR_EXPIRED' });
  });
});

describe('anybody else who lost the second factor', () => {
  it('asks an administrator, who removes it and ends what was open', async () => {
    const staff = await hub.person();
    const admin = await hub.person({ role: 'admin', beside: staff });
    await enrol(hub, staff);
    expect(await outcome(api().lostFactor({ challengeId: await challengeOf(hub, staff) }))).toEqual({
      status: 409,
      code: 'ASK_ADMINISTRATOR',
    });

    await safety(admin).resetFactors({ userId: staff.userId });

    expect(await signIn(hub, staff)).toMatchObject({ status: 'signed-in' });
    expect(await outcome(api(staff).me())).toMatchObject({ status: 401 });
  });

  it('is no owner, nobody of another organisation, and nothing that staff may do', async () => {
    const owner = await anOwner(hub);
    const admin = await hub.person({ role: 'admin', beside: owner });
    const staff = await hub.person({ beside: owner });
    const stranger = await hub.person();

    expect(await outcome(safety(admin).resetFactors({ userId: owner.userId }))).toMatchObject({
      code: 'OWNER_IMMUTABLE',
    });
    expect(await outcome(safety(admin).resetFactors({ userId: stranger.userId }))).toMatchObject({ status: 404 });
    expect(await outcome(safety(staff).resetFactors({ userId: admin.userId }))).toMatchObject({ status: 403 });
  });
});
