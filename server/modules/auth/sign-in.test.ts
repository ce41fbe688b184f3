import { authApi } from '@loro/contracts/auth';
import { peopleApi } from '@loro/contracts/people';
import { lettersTo, post } from '../../testing/links';
import { forgetLimits, outcome, signIn } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { auth } from './index';
import { Passwords } from './passwords';

const hub = testHub({ env: { BCRYPT_COST: '5' } });
const REFUSED = 'You could not sign in';
const DAY_MS = 86_400_000;

beforeEach(() => forgetLimits(hub));

const login = ({ email, password }: Pick<Person, 'email' | 'password'>) =>
  post(hub, '/auth/login', { email, password });

const bare = ({ status, text }: { status: number; text: string }) => ({ status, ...JSON.parse(text), requestId: '' });

describe('a right password of an account that may not be used', () => {
  const kept: Record<string, (person: Person) => Promise<unknown>> = {
    suspended: ({ userId }) => hub.sql("UPDATE users SET status = 'suspended' WHERE id = ?", [userId]),
    deactivated: ({ userId }) =>
      hub.sql(
        "UPDATE users SET status = 'deactivated', deactivated_at = NOW(3), deactivated_from = 'active' WHERE id = ?",
        [userId],
      ),
    closed: ({ orgId }) =>
      hub.sql("UPDATE organisations SET status = 'closed', closed_at = NOW(3), closed_from = 'active' WHERE id = ?", [
        orgId,
      ]),
    'closed to passwords': ({ userId }) =>
      hub.sql('UPDATE credentials SET locked_at = NOW(3) WHERE user_id = ?', [userId]),
    'in need of a new password': ({ userId }) =>
      hub.sql('UPDATE credentials SET must_change = TRUE WHERE user_id = ?', [userId]),
  };

  it.each(Object.keys(kept))(
    'that is %s gets the answer of a wrong one, and the person hears why by mail',
    async (how) => {
      const person = await hub.person();
      await kept[how]?.(person);

      const right = await login(person);
      const wrong = await login({ ...person, password: 'not this one at all' });
      const unknown = await login({ email: 'nobody@example.test', password: 'not this one at all' });

      expect(bare(right)).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
      expect(bare(wrong)).toEqual(bare(right));
      expect(bare(unknown)).toEqual(bare(right));
      expect(await lettersTo(hub, person.email)).toMatchObject([{ subject: REFUSED }]);
    },
  );

  it('is told once a day, however often it is typed', async () => {
    const person = await hub.person();
    await kept['suspended']?.(person);

    for (let n = 0; n < 3; n += 1) await login(person);
    const sameDay = (await lettersTo(hub, person.email)).length;
    hub.clock.advance(DAY_MS + 1_000);
    await login(person);

    expect([sameDay, (await lettersTo(hub, person.email)).length]).toEqual([1, 2]);
  });

  it('slows down as a wrong one does', async () => {
    const person = await hub.person();
    await kept['suspended']?.(person);

    const statuses = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await login(person)).status);

    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('an organisation that is closed', () => {
  it('lets its owner alone in, and ends everybody else’s sessions', async () => {
    const owner = await hub.person({ role: 'owner' });
    const staff = await hub.person({ beside: owner });
    await hub.sql('UPDATE organisations SET owner_id = ? WHERE id = ?', [owner.userId, owner.orgId]);
    const listener = await hub.listen('/notifications', staff);

    await hub.api(peopleApi, owner).closeOrganisation();

    expect(await listener.next('session:ended')).toMatchObject({ reconnect: false });
    expect(await outcome(hub.api(authApi, staff).me())).toMatchObject({ status: 401 });
    expect(await outcome(signIn(hub, staff))).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    expect(await signIn(hub, owner)).toMatchObject({ status: 'signed-in' });
  });
});

describe('somebody who leaves', () => {
  it('is signed out in the same moment, and signs in no more', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const listener = await hub.listen('/notifications', person);

    await hub.api(peopleApi, admin).deactivate({ userId: person.userId });

    expect(await listener.next('session:ended')).toMatchObject({ code: 'SESSION_REVOKED' });
    expect(await outcome(hub.api(authApi, person).me())).toMatchObject({ status: 401 });
    expect(await outcome(signIn(hub, person))).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
  });
});

describe('somebody who is forgotten', () => {
  it('leaves no password, no link and no trace of where he signed in', async () => {
    const hr = await hub.person({ role: 'hr' });
    const person = await hub.person({ beside: hr });
    await signIn(hub, person);
    await hub.api(authApi).forgotPassword({ email: person.email });
    await lettersTo(hub, person.email);
    const { id: erasureId } = await hub.api(peopleApi, person).requestErasure();
    const kept = async () => {
      const tables = ['credentials', 'action_tokens', 'login_attempts'];
      const counts = tables.map((table) => hub.sql(`SELECT user_id FROM ${table} WHERE user_id = ?`, [person.userId]));
      return (await Promise.all(counts)).map((rows) => rows.length);
    };
    const before = await kept();

    await hub.api(peopleApi, hr).approveErasure({ erasureId });

    expect(before).toEqual([1, 1, 1]);
    expect(await kept()).toEqual([0, 0, 0]);
  });

  it('sees in a copy of his data from where he signed in', async () => {
    const person = await hub.person();
    await login({ ...person, password: 'a wrong guess' });

    const { rooms } = await hub.api(peopleApi, person).dataExport();

    expect(JSON.stringify(rooms)).toContain('"outcome":"failure"');
  });
});

describe('password hashes', () => {
  const hashOf = async ({ userId }: Person): Promise<string> => {
    const [row] = await hub.sql<{ hash: string }>('SELECT password_hash AS hash FROM credentials WHERE user_id = ?', [
      userId,
    ]);
    return row?.hash ?? '';
  };
  const weaker = () => new Passwords((text) => hub.hub.secrets.hmac('pepper', text), 4);

  it('say how they were made, and are made anew at the next sign-in where that changed', async () => {
    const person = await hub.person();
    await hub.hub.use(auth).setPassword(person.orgId, person.userId, await weaker().hash(person.password));
    const before = await hashOf(person);

    await signIn(hub, person);
    const after = await hashOf(person);
    await signIn(hub, person);

    expect(before).toMatch(/^v1\$\$2b\$04\$/);
    expect(after).toMatch(/^v1\$\$2b\$05\$/);
    expect(await hashOf(person)).toBe(after);
  });

  it('stay as they are after a wrong password', async () => {
    const person = await hub.person();
    const old = await weaker().hash(person.password);
    await hub.hub.use(auth).setPassword(person.orgId, person.userId, old);

    await login({ ...person, password: 'a wrong guess' });

    expect(await hashOf(person)).toBe(old);
  });

  it('take one form of a letter for the other', async () => {
    const person = await hub.person();
    const hash = await hub.hub.use(auth).passwords.hash('zwölf müde Bären'.normalize('NFD'));
    await hub.hub.use(auth).setPassword(person.orgId, person.userId, hash);

    expect(await signIn(hub, { ...person, password: 'zwölf müde Bären'.normalize('NFC') })).toMatchObject({
      status: 'signed-in',
    });
  });

  it('are made four at once, fifty wait, and whoever comes then is told to come again', async () => {
    const slow = new Passwords((text) => hub.hub.secrets.hmac('pepper', text), 10);
    const made = await Promise.allSettled(Array.from({ length: 60 }, () => slow.verify('anything at all', null)));

    const refused = made.filter((one) => one.status === 'rejected').map(({ reason }) => reason as unknown);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'AUTH_BUSY', status: 503 });
    expect(await slow.verify('anything at all', null)).toBe(false);
  });
});
