import type { License } from '@loro/contracts/licensing-values';
import { licensingApi } from '@loro/contracts/licensing';
import { auth } from '../modules/auth';
import type { Person, TestHub } from './test-hub';

type Wish = Parameters<ReturnType<typeof apiOf>['createLicense']>[0];
const apiOf = (hub: TestHub, person: Pick<Person, 'token'>) => hub.api(licensingApi, person);

/** Somebody who runs the hub, in an organisation of his own. */
export const anAdmin = (hub: TestHub): Promise<Person> => hub.person({ role: 'platform_admin' });

/** In place of the licence that every organisation of a test begins with. */
export async function licensed(
  hub: TestHub,
  orgId: string,
  wish: Omit<NonNullable<Wish>, 'orgId'>,
  admin?: Person,
): Promise<License> {
  await hub.sql('UPDATE licenses SET current_for = NULL, ended_at = NOW(3) WHERE current_for = ?', [orgId]);
  return apiOf(hub, admin ?? (await anAdmin(hub))).createLicense({ ...wish, orgId });
}

/** Somebody whom the organisation itself names as its owner, at an address of a domain of its own. */
export async function anOwner(hub: TestHub): Promise<Person> {
  const owner = await hub.person({ role: 'owner' });
  const email = `owner@${owner.orgId.toLowerCase()}.example`;
  await hub.sql('UPDATE organisations SET owner_id = ? WHERE id = ?', [owner.userId, owner.orgId]);
  await hub.sql('UPDATE users SET email = ? WHERE org_id = ? AND id = ?', [email, owner.orgId, owner.userId]);
  return { ...owner, email };
}

/** The same person with a token that has not run out under a clock that was moved. */
export async function freshly(hub: TestHub, person: Person): Promise<Person> {
  const { orgId, userId } = person;
  const { accessToken, sessionId } = await hub.hub
    .use(auth)
    .sessions.open(orgId, userId, { name: 'later', ip: '127.0.0.1' });
  return { ...person, token: accessToken, sessionId };
}
