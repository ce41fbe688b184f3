import { authApi } from '@loro/contracts/auth';
import { impersonationsApi } from '@loro/contracts/auth-impersonation';
import { journalApi } from '@loro/contracts/journal';
import { peopleApi } from '@loro/contracts/people';
import { anOwner, freshly } from '../../testing/licenses';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();
const api = (person: Pick<Person, 'token'>) => hub.api(impersonationsApi, person);
const MINUTE_MS = 60_000;

async function both(): Promise<{ helper: Person; staff: Person }> {
  const helper = await hub.person({ role: 'admin' });
  return { helper, staff: await hub.person({ beside: helper }) };
}
const asked = ({ helper, staff }: { helper: Person; staff: Person }, minutes = 30) =>
  api(helper).ask({ userId: staff.userId, reason: 'the time sheet is wrong', minutes });

/** A token in the person's place. */
async function entered(pair: { helper: Person; staff: Person }): Promise<{ id: string; token: string }> {
  const { id } = await asked(pair);
  await api(pair.staff).grant({ impersonationId: id });
  const { accessToken } = await api(pair.helper).enter({ impersonationId: id });
  return { id, token: accessToken ?? '' };
}

describe('acting in somebody’s place', () => {
  it('needs the person’s leave, and then is the person, with the helper’s name over it', async () => {
    const pair = await both();
    const { helper, staff } = pair;
    const hears = await hub.listen('/notifications', staff);

    const { id } = await asked(pair);
    expect(await hears.next('impersonation:changed')).toMatchObject({ id, state: 'asked', helperId: helper.userId });
    expect(await outcome(api(helper).enter({ impersonationId: id }))).toMatchObject({ code: 'IMPERSONATION_ENDED' });
    expect(await outcome(api(helper).grant({ impersonationId: id }))).toMatchObject({ status: 403 });
    await api(staff).grant({ impersonationId: id });
    const { accessToken } = await api(helper).enter({ impersonationId: id });

    const me = await hub.api(authApi, { token: accessToken ?? '' }).me();
    expect(me).toMatchObject({
      user: { id: staff.userId },
      roles: ['staff'],
      actedBy: { impersonatorId: helper.userId, name: helper.name },
    });
    expect((await hub.api(authApi, staff).me()).actedBy).toBeNull();
    expect((await hub.mails(staff.email)).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['Somebody asks to act in your account', 'Somebody acts in your account now']),
    );
  });

  it('has entries on both sides, and every deed in between bears the helper’s name', async () => {
    const pair = await both();
    const { helper, staff } = pair;
    const { id, token } = await entered(pair);
    await hub.api(journalApi, { token }).writeNote({ title: 'By', text: 'the helper' });
    await api(helper).end({ impersonationId: id });

    const of = (userId: string) =>
      hub
        .sql<{ action: string }>(
          "SELECT action FROM journal_entries WHERE org_id = ? AND entity_id = ? AND action LIKE 'impersonation.%' ORDER BY id",
          [helper.orgId, userId],
        )
        .then((rows) => rows.map(({ action }) => action));
    const steps = ['asked', 'granted', 'started', 'ended'].map((step) => `impersonation.${step}`);
    expect([await of(helper.userId), await of(staff.userId)]).toEqual([steps, steps]);
    const [note] = await hub.sql<{ actor_id: string; data: string }>(
      "SELECT actor_id, data FROM journal_entries WHERE org_id = ? AND action = 'note.written'",
      [helper.orgId],
    );
    expect(note?.actor_id).toBe(staff.userId);
    expect(JSON.parse(note?.data ?? '{}')).toMatchObject({ impersonatedBy: helper.userId });
  });

  it('opens nothing that asks for a fresh sign-in, gives no leave in turn, and is not refreshed', async () => {
    const pair = await both();
    const { token } = await entered(pair);
    const acting = hub.api(authApi, { token });

    expect(await outcome(acting.changePassword({ currentPassword: 'x', newPassword: 'a new long password' }))).toEqual({
      status: 401,
      code: 'REAUTH_REQUIRED',
    });
    expect(await outcome(acting.setUpTotp({}))).toMatchObject({ code: 'REAUTH_REQUIRED' });
    const other = await hub.person({ role: 'admin', beside: pair.helper });
    const { id } = await api(other).ask({ userId: pair.staff.userId, reason: 'another' });
    expect(await outcome(api({ token }).refuse({ impersonationId: id }))).toMatchObject({ status: 403 });
    expect(
      await hub.sql(
        'SELECT 1 FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE s.impersonator_id = ?',
        [pair.helper.userId],
      ),
    ).toEqual([]);
  });

  it('ends on every node within two seconds when the person or the helper says so', async () => {
    const other = await hub.secondNode('acting-b');
    for (const who of ['staff', 'helper'] as const) {
      const pair = await both();
      const { id, token } = await entered(pair);
      const me = () => outcome(hub.api(peopleApi, { token }, other).me());
      expect(await me()).toMatchObject({ status: 200 });

      await api(pair[who]).end({ impersonationId: id });

      await within(2_000, async () => expect(await me()).toMatchObject({ status: 401 }));
      expect(await outcome(api(pair.helper).enter({ impersonationId: id }))).toMatchObject({
        code: 'IMPERSONATION_ENDED',
      });
    }
  });

  it('ends by itself when its time is over', async () => {
    const pair = await both();
    const { id } = await asked(pair, 5);
    await api(pair.staff).grant({ impersonationId: id });
    const { expiresAt } = await api(pair.helper).enter({ impersonationId: id });
    expect(Date.parse(expiresAt) - hub.clock.now().getTime()).toBeLessThanOrEqual(5 * MINUTE_MS);

    hub.clock.advance(5 * MINUTE_MS);
    const later = await freshly(hub, pair.helper);
    expect(await outcome(api(later).enter({ impersonationId: id }))).toMatchObject({ code: 'IMPERSONATION_ENDED' });
    hub.clock.advance(-5 * MINUTE_MS);
  });

  it('is one question at a time, that can be refused', async () => {
    const pair = await both();
    const tries = await Promise.all([1, 2, 3].map(() => outcome(asked(pair))));
    expect(tries.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    const [{ id } = { id: '' }] = (await api(pair.staff).list({})).data;

    await api(pair.staff).refuse({ impersonationId: id });

    expect(await outcome(api(pair.staff).grant({ impersonationId: id }))).toMatchObject({
      code: 'IMPERSONATION_ENDED',
    });
    expect(await asked(pair)).toMatchObject({ state: 'asked' });
  });

  it('is nothing of the owner, of oneself, of another organisation, or for staff', async () => {
    const owner = await anOwner(hub);
    const helper = await hub.person({ role: 'admin', beside: owner });
    const [staff, stranger] = [await hub.person({ beside: owner }), await hub.person({ role: 'admin' })];
    const ask = (by: Person, of: Person) => outcome(api(by).ask({ userId: of.userId, reason: 'x' }));

    expect(await ask(helper, owner)).toMatchObject({ status: 403 });
    expect(await ask(helper, helper)).toMatchObject({ status: 403 });
    expect(await ask(stranger, staff)).toMatchObject({ status: 404 });
    expect(await ask(staff, helper)).toMatchObject({ status: 403 });
    const { id } = await api(helper).ask({ userId: staff.userId, reason: 'x' });
    expect(await outcome(api(stranger).get({ impersonationId: id }))).toMatchObject({ status: 404 });
    expect(await outcome(api(owner).get({ impersonationId: id }))).toMatchObject({ status: 404 });
  });
});
