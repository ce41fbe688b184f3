import { authApi } from '@loro/contracts/auth';
import { z } from 'zod';
import { stealKeys } from '../../testing/stolen-keys';
import { testHub, type TestNode } from '../../testing/test-hub';
import { auth } from './index';

const hub = testHub();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let other: TestNode;
beforeAll(async () => {
  other = await hub.secondNode();
}, 60_000);

const Jwk = z.object({ kid: z.string() });
const published = async (at?: TestNode): Promise<string[]> =>
  (await hub.api(authApi, undefined, at).keys()).keys.map((key) => Jwk.parse(key).kid).toSorted();

/** A new sign-in, and whether each node takes its token. */
async function signInWorks(): Promise<boolean> {
  const person = await hub.person();
  for (const node of [hub, other]) await hub.api(authApi, person, node).me();
  return true;
}

it('keys of access tokens give way to their successors after ninety days, and verify for a day longer', async () => {
  const first = await stealKeys(hub);
  const person = await hub.person();
  const { keys } = hub.hub.use(auth);
  const claims = { ...person, authenticatedAt: hub.clock.now() };
  const { token: old } = await keys.sign(claims, 200 * DAY_MS);

  hub.clock.advance(89 * DAY_MS);
  await hub.work('auth.rotate-keys');
  await hub.work('auth.rotate-keys');
  hub.clock.advance(MINUTE_MS);
  const ahead = await stealKeys(hub);
  const known = await published(other);
  expect(await signInWorks()).toBe(true);

  hub.clock.advance(DAY_MS + HOUR_MS);
  const second = await stealKeys(hub);
  expect(await signInWorks()).toBe(true);
  const inTheDayAfter = await hub.api(authApi, { token: old }, other).me();
  const { accessToken } = await hub.hub
    .use(auth)
    .sessions.open(person.orgId, person.userId, { name: 'new', ip: '::1' });

  hub.clock.advance(DAY_MS);
  const later = await hub
    .api(authApi, { token: (await keys.sign(claims, HOUR_MS)).token })
    .me()
    .then(({ user }) => user.id);

  expect([ahead.signer.kid, ahead.wrapper.kid]).toEqual([first.signer.kid, first.wrapper.kid]);
  expect(second.signer.kid).not.toBe(first.signer.kid);
  expect(second.wrapper.kid).not.toBe(first.wrapper.kid);
  expect(known).toEqual(expect.arrayContaining([first.signer.kid, second.signer.kid]));
  expect(known).not.toContain(second.wrapper.kid);
  expect(inTheDayAfter.user.id).toBe(person.userId);
  expect(accessToken.split('.')).toHaveLength(5);
  expect(later).toBe(person.userId);
  await expect(keys.verify(old)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await published()).not.toContain(first.signer.kid);
});

it('a hub whose workers rested for long makes a key when one is needed', async () => {
  hub.clock.advance(400 * DAY_MS);

  expect(await signInWorks()).toBe(true);
});
