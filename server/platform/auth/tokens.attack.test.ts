import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { authApi } from '@loro/contracts/auth';
import { ulid } from '../ulid';
import { Listener } from '../../testing/listener';
import { part, type StolenKeys, stealKeys, wrap } from '../../testing/stolen-keys';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();

type Claims = Record<string, unknown>;
type Header = Record<string, unknown>;

/** The attacks that lack these use others. */
let stolen: StolenKeys;
let own: StolenKeys['signer'];
let person: Person;

beforeAll(async () => {
  person = await hub.person();
  stolen = await stealKeys(hub);
  own = stolen.signer;
});

const now = (): number => Math.floor(Date.now() / 1_000);

const goodHeader = (): Header => ({ alg: 'ES256', typ: 'at+jwt', kid: own.kid });

const goodClaims = (): Claims => ({
  iss: 'loro-hub',
  aud: 'loro-hub',
  sub: person.userId,
  org: person.orgId,
  auth_time: Math.floor(hub.clock.now().getTime() / 1000),
  sid: person.sessionId,
  jti: ulid(),
  iat: now(),
  exp: now() + 600,
});

type Signer = (text: string) => Buffer | string;
const byKey =
  (key: KeyObject): Signer =>
  (text) =>
    sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const byOwnKey: Signer = (text) => byKey(own.privateKey)(text);
const bySecret =
  (secret: () => string | Buffer): Signer =>
  (text) =>
    createHmac('sha256', secret()).update(text).digest('base64url');

function signed(header: Header, claims: unknown, signer: Signer = byOwnKey): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${signer(text).toString()}`;
}

/** Signed by whom one likes, and wrapped as the hub wraps: what is inside is what the hub must judge. */
const forge = (header: Header, claims: unknown, signer: Signer = byOwnKey): string =>
  wrap(stolen, signed(header, claims, signer));

const without = (name: string): Claims =>
  Object.fromEntries(Object.entries(goodClaims()).filter(([key]) => key !== name));

/** How REST and a socket answer to this token: the code, or `in`. */
async function outcome(token: string): Promise<{ rest: string; socket: string }> {
  const rest = await hub
    .api(authApi, { token })
    .me()
    .then(
      () => 'in',
      (error: { code: string }) => error.code,
    );
  const listener = new Listener(hub.url, '/notifications', token);
  const socket = await listener.ready.then(
    () => 'in',
    (error: { data?: { code: string } }) => error.data?.code ?? 'no reason',
  );
  listener.close();
  return { rest, socket };
}

const refused = (code = 'UNAUTHENTICATED') => ({ rest: code, socket: code });

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strangerRsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const spki = (format: 'pem' | 'der'): string | Buffer =>
  format === 'pem'
    ? own.publicKey.export({ type: 'spki', format })
    : own.publicKey.export({ type: 'spki', format: 'der' });

it('lets in whoever holds a token that the hub’s own key signed, so that the attacks below fail for their own reasons', async () => {
  expect(await outcome(forge(goodHeader(), goodClaims()))).toEqual({ rest: 'in', socket: 'in' });
});

describe('a token that is not signed by the hub', () => {
  const attacks: [string, () => string][] = [
    ['claims that no signature is needed', () => forge({ ...goodHeader(), alg: 'none' }, goodClaims(), () => '')],
    ['claims it in capitals', () => forge({ ...goodHeader(), alg: 'nOnE' }, goodClaims(), () => '')],
    ['claims nothing and brings the real signature', () => forge({ ...goodHeader(), alg: 'none' }, goodClaims())],
    ['has an empty signature', () => forge(goodHeader(), goodClaims(), () => '')],
    [
      'has a signature of zeroes',
      () => forge(goodHeader(), goodClaims(), () => Buffer.alloc(64).toString('base64url')),
    ],
    [
      'uses the public key as a shared secret',
      () =>
        forge(
          { ...goodHeader(), alg: 'HS256' },
          goodClaims(),
          bySecret(() => spki('pem')),
        ),
    ],
    [
      'uses the bytes of the public key as a shared secret',
      () =>
        forge(
          { ...goodHeader(), alg: 'HS256' },
          goodClaims(),
          bySecret(() => spki('der')),
        ),
    ],
    [
      'uses the published key as a shared secret',
      () =>
        forge(
          { ...goodHeader(), alg: 'HS256' },
          goodClaims(),
          bySecret(() => JSON.stringify(own.publicKey.export({ format: 'jwk' }))),
        ),
    ],
    ['is signed with RSA', () => forge({ ...goodHeader(), alg: 'RS256' }, goodClaims(), byKey(strangerRsa.privateKey))],
    ['is signed with RSA and says otherwise', () => forge(goodHeader(), goodClaims(), byKey(strangerRsa.privateKey))],
    ['is signed with another key under our name', () => forge(goodHeader(), goodClaims(), byKey(stranger.privateKey))],
    [
      'brings its key along',
      () =>
        forge(
          { ...goodHeader(), jwk: stranger.publicKey.export({ format: 'jwk' }) },
          goodClaims(),
          byKey(stranger.privateKey),
        ),
    ],
    [
      'says where its key lies',
      () => forge({ ...goodHeader(), jku: 'https://evil.example/keys' }, goodClaims(), byKey(stranger.privateKey)),
    ],
    ['names no key', () => forge({ alg: 'ES256', typ: 'at+jwt' }, goodClaims())],
    ['names a key that nobody has', () => forge({ ...goodHeader(), kid: ulid() }, goodClaims())],
    ['names a key of the language', () => forge({ ...goodHeader(), kid: '__proto__' }, goodClaims())],
    [
      'names a file',
      () =>
        forge(
          { ...goodHeader(), kid: '../../../dev/null' },
          goodClaims(),
          bySecret(() => ''),
        ),
    ],
    ['names a query', () => forge({ ...goodHeader(), kid: "' OR 1=1 -- " }, goodClaims())],
    ['names its key with an object', () => forge({ ...goodHeader(), kid: { $gt: '' } }, goodClaims())],
    [
      'had its subject changed',
      () => {
        const [header, , signature] = signed(goodHeader(), goodClaims()).split('.');
        return wrap(stolen, `${header}.${part({ ...goodClaims(), sub: ulid() })}.${signature}`);
      },
    ],
  ];

  it.each(attacks)('and %s is refused', async (_what, token) => {
    expect(await outcome(token())).toEqual(refused());
  });
});

describe('a token that the hub’s key signed for something else', () => {
  const attacks: [string, () => string][] = [
    ['is of another type', () => forge({ ...goodHeader(), typ: 'JWT' }, goodClaims())],
    ['is of no type', () => forge({ alg: 'ES256', kid: own.kid }, goodClaims())],
    ['has no audience', () => forge(goodHeader(), without('aud'))],
    ['has another audience', () => forge(goodHeader(), { ...goodClaims(), aud: 'another-hub' })],
    ['has other audiences', () => forge(goodHeader(), { ...goodClaims(), aud: ['another-hub', 'a-third'] })],
    ['has an audience that begins like ours', () => forge(goodHeader(), { ...goodClaims(), aud: 'loro-hub-staging' })],
    ['has no issuer', () => forge(goodHeader(), without('iss'))],
    ['has another issuer', () => forge(goodHeader(), { ...goodClaims(), iss: 'https://evil.example' })],
    ['never runs out', () => forge(goodHeader(), without('exp'))],
    ['runs out at no number', () => forge(goodHeader(), { ...goodClaims(), exp: 'never' })],
    ['is not valid yet', () => forge(goodHeader(), { ...goodClaims(), nbf: now() + 600 })],
    ['has no subject', () => forge(goodHeader(), without('sub'))],
    ['has a number for a subject', () => forge(goodHeader(), { ...goodClaims(), sub: 1 })],
    ['has no organisation', () => forge(goodHeader(), without('org'))],
    ['has a list for an organisation', () => forge(goodHeader(), { ...goodClaims(), org: [person.orgId] })],
    ['has no session', () => forge(goodHeader(), without('sid'))],
    ['names somebody who never was', () => forge(goodHeader(), { ...goodClaims(), sub: ulid() })],
    ['says no object', () => forge(goodHeader(), '"text"')],
    ['says no JSON', () => forge(goodHeader(), '{"sub":')],
    ['says no JSON under another type', () => forge({ ...goodHeader(), typ: 'JWT' }, '{"sub":')],
  ];

  it.each(attacks)('and %s is refused', async (_what, token) => {
    expect(await outcome(token())).toEqual(refused());
  });

  it.each(['%', ulid()])('and takes its session to another organisation finds none there: %s', async (org) => {
    const token = forge(goodHeader(), { ...goodClaims(), org });

    expect(await outcome(token)).toEqual(refused('SESSION_REVOKED'));
  });

  it('and ran out is refused, and told so', async () => {
    const token = forge(goodHeader(), { ...goodClaims(), exp: now() - 60 });

    expect(await outcome(token)).toEqual(refused('TOKEN_EXPIRED'));
  });
});

describe('a token that is not wrapped as the hub wraps', () => {
  const good = (): string => signed(goodHeader(), goodClaims());
  const withPart = (token: string, at: number, text: string): string => token.split('.').with(at, text).join('.');
  const attacks: [string, () => string][] = [
    ['and travels bare, with the hub’s signature', good],
    ['and travels bare, without one', () => signed({ ...goodHeader(), alg: 'none' }, goodClaims(), () => '')],
    ['but under another key', () => wrap(stolen, good(), {}, randomBytes(32))],
    ['but under a key that nobody has', () => wrap(stolen, good(), { kid: ulid() })],
    ['but under a key without a name', () => wrap(stolen, good(), { kid: undefined })],
    ['but names a key of the language', () => wrap(stolen, good(), { kid: '__proto__' })],
    ['but names its key with an object', () => wrap(stolen, good(), { kid: { $gt: '' } })],
    ['but names the key that signs', () => wrap(stolen, good(), { kid: own.kid })],
    ['but claims another cipher', () => wrap(stolen, good(), { enc: 'A128CBC-HS256' })],
    ['but claims a weaker key', () => wrap(stolen, good(), { enc: 'A128GCM' })],
    ['but claims that its key is wrapped', () => wrap(stolen, good(), { alg: 'A256KW' })],
    ['but claims a password', () => wrap(stolen, good(), { alg: 'PBES2-HS256+A128KW', p2c: 1e9, p2s: 'c2FsdA' })],
    ['but claims that nothing is wrapped', () => wrap(stolen, good(), { alg: 'none' })],
    ['but is of another type', () => wrap(stolen, good(), { typ: 'JWT' })],
    ['but says it is critical what nobody knows', () => wrap(stolen, good(), { crit: ['exp'], exp: 0 })],
    ['but holds nothing', () => wrap(stolen, '')],
    ['but holds another wrapping', () => wrap(stolen, wrap(stolen, good()))],
    ['but had its content swapped', () => withPart(wrap(stolen, good()), 3, wrap(stolen, good()).split('.')[3] ?? '')],
    [
      'but had its header swapped',
      () =>
        withPart(wrap(stolen, good()), 0, part({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid: stolen.wrapper.kid })),
    ],
    ['but lost its seal', () => withPart(wrap(stolen, good()), 4, '')],
    ['but has a short seal', () => withPart(wrap(stolen, good()), 4, 'AAAA')],
  ];

  it.each(attacks)('%s is refused', async (_what, token) => {
    expect(await outcome(token())).toEqual(refused());
  });
});

it('is restricted to something that this hub does not know opens nothing', async () => {
  const token = forge(goodHeader(), { ...goodClaims(), only: 'everything' });

  expect(await outcome(token)).toEqual(refused());
});

it.each([
  ['words', 'let me in'],
  ['three parts of nothing', '..'],
  ['parts that are no JSON', `${part('{')}.${part('{')}.x`],
  ['a header that is null', `${part('null')}.${part('{}')}.x`],
  ['a token in a token', 'e30.e30.e30.e30'],
  ['a hundred kilobytes', 'x'.repeat(60_000)],
])('takes %s for no token', async (_what, token) => {
  const response = await fetch(`${hub.url}/api/v1/auth/me`, {
    headers: { authorization: `Bearer ${token.slice(0, 8_000)}` },
  });

  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
});

it('does not look for tokens in addresses', async () => {
  const { token } = person;

  const response = await fetch(`${hub.url}/api/v1/auth/me?token=${token}&access_token=${token}`);

  expect(response.status).toBe(401);
});
