import { post } from '../../testing/links';
import { RedisGate } from '../../testing/redis-gate';
import { testHub } from '../../testing/test-hub';

const gate = new RedisGate();
const env: Record<string, string> = {};
beforeAll(async () => {
  await gate.open();
  env['REDIS_URL'] = gate.url;
});
const hub = testHub({ env });
afterAll(() => gate.shut());

const login = (email: string, password: string) => post(hub, '/auth/login', { email, password });

describe('with Redis away', () => {
  it('people sign in, and guesses wait all the same', async () => {
    const person = await hub.person();
    const colleague = await hub.person();
    await gate.shut();

    const statuses = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await login(person.email, 'a wrong guess')).status);
    const signedIn = await login(colleague.email, colleague.password);
    hub.clock.advance(30_000);
    const again = await login(person.email, person.password);
    await gate.open();

    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect(signedIn.status).toBe(200);
    expect(again.status).toBe(200);
  });
});
