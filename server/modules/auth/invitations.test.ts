import { authApi } from '@loro/contracts/auth';
import { peopleApi } from '@loro/contracts/people';
import { ulid } from '../../platform';
import { letter, lettersTo, post, statusesOf, tokenIn } from '../../testing/links';
import { forgetLimits, outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const INVITED = /You are invited/;
const PASSWORD = 'a long walk by the river';
const DAY_MS = 86_400_000;

const address = () => `${ulid().toLowerCase()}@example.test`;
const api = () => hub.api(authApi);

beforeEach(() => forgetLimits(hub));

async function invite(by: Person, email = address()): Promise<{ userId: string; email: string; token: string }> {
  const invitation = { email, name: 'Sipho Dube', roles: ['staff'], branchId: by.branchId };
  const { id: userId } = await hub.api(peopleApi, by).invite(invitation);
  return { userId, email, token: tokenIn(await letter(hub, email, INVITED)) };
}

const accept = (token: string, more: object = {}) =>
  post(hub, '/auth/accept-invite', { token, name: 'Sipho D.', password: PASSWORD, ...more });

describe('an invitation', () => {
  it('is a mail that says who invites to what, with a link that makes the account its owner’s', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { email, token, userId } = await invite(admin);

    const mail = await letter(hub, email, INVITED);
    const answer = await api().acceptInvite({ token, name: 'Sipho D.', password: PASSWORD });

    expect(mail.text).toContain(admin.name);
    expect(mail.subject).toContain('Organisation');
    if (answer.status !== 'signed-in') throw new Error(answer.status);
    expect(await hub.api(authApi, { token: answer.accessToken }).me()).toMatchObject({
      user: { id: userId, name: 'Sipho D.', status: 'active' },
      roles: ['staff'],
    });
    expect(await api().signIn({ email, password: PASSWORD })).toMatchObject({ status: 'signed-in' });
  });

  it('lets one in, where two bring the same link at once', async () => {
    const { token } = await invite(await hub.person({ role: 'admin' }));

    const answers = await Promise.all([accept(token), accept(token, { password: 'another walk by the sea' })]);

    expect(statusesOf(answers)).toEqual([200, 410]);
  });

  it('answers to a used link as to one that never was', async () => {
    const { token } = await invite(await hub.person({ role: 'admin' }));
    await accept(token);

    const [used, unknown] = [await accept(token), await accept('x'.repeat(43))];

    const bare = (text: string) => ({ ...JSON.parse(text), requestId: '' });
    expect(used).toMatchObject({ status: 410, code: 'TOKEN_USED_OR_EXPIRED' });
    expect(bare(unknown.text)).toEqual(bare(used.text));
  });

  it('opens for seven days', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [inTime, tooLate] = [await invite(admin), await invite(admin)];

    hub.clock.advance(7 * DAY_MS - 60_000);
    const early = await accept(inTime.token);
    hub.clock.advance(60_000);

    expect(early.status).toBe(200);
    expect(await accept(tooLate.token)).toMatchObject({ status: 410 });
  });

  it('sent again opens by the newer link alone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { token, userId, email } = await invite(admin);
    hub.clock.advance(61_000);

    await hub.api(peopleApi, admin).resendInvite({ userId });
    const newer = tokenIn(await letter(hub, email, INVITED));

    expect(await accept(token)).toMatchObject({ status: 410 });
    expect((await accept(newer)).status).toBe(200);
  });

  it('of one address by two at once is one invitation and one mail', async () => {
    const admin = await hub.person({ role: 'admin' });
    const other = await hub.person({ role: 'admin', beside: admin });
    const email = address();
    const invitation = { email, name: 'Sipho', roles: ['staff'], branchId: admin.branchId };

    const outcomes = await Promise.all([admin, other].map((by) => outcome(hub.api(peopleApi, by).invite(invitation))));

    expect(statusesOf(outcomes)).toEqual([200, 409]);
    expect(await lettersTo(hub, email)).toHaveLength(1);
  });

  it('can be made and withdrawn in this room too; its link ends', async () => {
    const admin = await hub.person({ role: 'admin' });
    const email = address();
    const invitation = { email, name: 'Sipho', roles: ['staff'], branchId: admin.branchId };
    const { id: userId } = await hub.api(authApi, admin).invite(invitation);
    const token = tokenIn(await letter(hub, email, INVITED));

    await hub.api(authApi, admin).withdrawInvite({ userId });

    expect(await accept(token)).toMatchObject({ status: 410 });
    expect(await outcome(hub.api(authApi, admin).withdrawInvite({ userId }))).toMatchObject({ status: 409 });
  });

  it('is withdrawn by nobody of another organisation, and by nobody without the right', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { userId, token } = await invite(admin);
    const stranger = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });

    expect(await outcome(hub.api(authApi, stranger).withdrawInvite({ userId }))).toMatchObject({ status: 404 });
    expect(await outcome(hub.api(authApi, staff).withdrawInvite({ userId }))).toMatchObject({ status: 403 });
    expect((await accept(token)).status).toBe(200);
  });

  it('opens nothing for somebody who was deactivated meanwhile', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { userId, token } = await invite(admin);

    await hub.api(peopleApi, admin).deactivate({ userId });

    expect(await accept(token)).toMatchObject({ status: 410 });
  });

  it('takes a good password and nothing that it does not ask for', async () => {
    const { token, email } = await invite(await hub.person({ role: 'admin' }));

    const answers = [
      await accept(token, { password: 'password1234' }),
      await accept(token, { password: `yes ${email.split('@')[0] ?? ''}` }),
      await accept(token, { roles: ['admin'] }),
      await accept(token, { userId: ulid() }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 422, 422]);
    expect((await accept(token)).status).toBe(200);
  });
});
