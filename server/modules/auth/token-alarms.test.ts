import { createHmac, sign } from 'node:crypto';
import { authApi } from '@loro/contracts/auth';
import { outcome } from '../../testing/sign-ins';
import { part, type StolenKeys, stealKeys, wrap } from '../../testing/stolen-keys';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();
const PATIENCE_MS = 5_000;

let stolen: StolenKeys;
beforeAll(async () => {
  stolen = await stealKeys(hub);
});

interface Forgery {
  readonly alg: string;
  readonly claims?: object;
  readonly signature: (text: string) => string;
}

const byHub = (text: string): string =>
  sign('sha256', Buffer.from(text), { key: stolen.signer.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const byPublicKey = (text: string): string =>
  createHmac('sha256', stolen.signer.publicKey.export({ type: 'spki', format: 'pem' }))
    .update(text)
    .digest('base64url');

function forge(person: Person, { alg, claims, signature }: Forgery): string {
  const now = Math.floor(hub.clock.now().getTime() / 1_000);
  const header = part({ alg, typ: 'at+jwt', kid: stolen.signer.kid });
  const body = part({
    iss: 'loro-hub',
    aud: 'loro-hub',
    sub: person.userId,
    org: person.orgId,
    sid: person.sessionId,
    auth_time: now,
    iat: now,
    exp: now + 600,
    ...claims,
  });
  return `${header}.${body}.${signature(`${header}.${body}`)}`;
}

const events = ({ orgId }: Person) =>
  hub.sql<{ type: string; outcome: string; severity: string; actor_kind: string }>(
    "SELECT type, outcome, severity, actor_kind FROM journal_entries WHERE org_id = ? AND action = 'token.refused'",
    [orgId],
  );
const calls = (token: string) => outcome(hub.api(authApi, { token }).me());

describe('acceptance: a forged token', () => {
  it.each<[string, (person: Person) => string]>([
    ['claims that no signature is needed', (person) => forge(person, { alg: 'none', signature: () => '' })],
    [
      'claims so inside the hub’s own wrapping',
      (person) => wrap(stolen, forge(person, { alg: 'none', signature: () => '' })),
    ],
    [
      'uses the public key as a shared secret',
      (person) => wrap(stolen, forge(person, { alg: 'HS256', signature: byPublicKey })),
    ],
    [
      'is for another audience',
      (person) => wrap(stolen, forge(person, { alg: 'ES256', claims: { aud: 'another-hub' }, signature: byHub })),
    ],
  ])('that %s is refused, and the journal has one event of it', async (_what, token) => {
    const person = await hub.person();

    expect(await calls(token(person))).toEqual({ status: 401, code: 'UNAUTHENTICATED' });

    await within(PATIENCE_MS, async () =>
      expect(await events(person)).toEqual([
        { type: 'security_event', outcome: 'denied', severity: 'warning', actor_kind: 'anonymous' },
      ]),
    );
  });

  it('is told ten times a minute and no more, however many come', async () => {
    const person = await hub.person();
    const token = forge(person, { alg: 'none', signature: () => '' });

    for (let n = 1; n <= 15; n += 1) expect(await calls(token)).toMatchObject({ status: 401 });

    await within(PATIENCE_MS, async () => expect(await events(person)).toHaveLength(10));
  });

  it('is not what an honest token is that ran out', async () => {
    const person = await hub.person();
    const now = Math.floor(hub.clock.now().getTime() / 1_000);
    const old = wrap(stolen, forge(person, { alg: 'ES256', claims: { exp: now - 60 }, signature: byHub }));

    expect(await calls(old)).toEqual({ status: 401, code: 'TOKEN_EXPIRED' });
    expect(await calls(person.token)).toMatchObject({ status: 200 });
    expect(await events(person)).toEqual([]);
  });
});
