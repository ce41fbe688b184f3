import { configurationApi } from '@loro/contracts/configuration';
import { RedisGate } from '../../testing/redis-gate';
import { TestHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { configuration } from '.';

/** How long a setting may hold after it was changed, in every process. */
const BOUND_MS = 2_000;
const PASSWORD = 'security.password-min-length';

describe('a setting that is changed while Redis is away', () => {
  const gate = new RedisGate();
  let hub: TestHub;
  let other: TestNode;

  beforeAll(async () => {
    await gate.open();
    hub = new TestHub({ env: { REDIS_URL: gate.url } });
    await hub.start();
    other = await hub.secondNode('spreading-b');
  }, 60_000);
  afterAll(async () => {
    await hub.stop();
    await gate.shut();
  }, 60_000);

  it('holds in every process within two seconds all the same', async () => {
    const admin = await hub.person({ role: 'admin' });
    const there = () => other.hub.use(configuration).value(PASSWORD, { orgId: admin.orgId });
    expect(await there()).toBe(10);

    await gate.shut();
    await hub
      .api(configurationApi, admin)
      .setForOrganisation({ ownerId: admin.orgId, key: PASSWORD, value: 19 }, { headers: { 'if-match': '"0"' } });

    await within(BOUND_MS, async () => expect(await there()).toBe(19));
    await gate.open();
  });
});
