import { generateKeyPairSync } from 'node:crypto';
import { isClockBehind, readFile, writeFile } from './license-file.policy';

const pair = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const keys = new Map([['k1', pair.publicKey]]);
const payload = {
  lic: '01KAQ000000000000000000001',
  org: '01KAQ000000000000000000002',
  plan: 'enterprise',
  type: 'enterprise' as const,
  iat: '2026-04-01T00:00:00.000Z',
  exp: '2026-05-01T00:00:00.000Z',
  entitlements: ['tracking' as const],
  limits: { users: 5, branches: null, 'storage-bytes': 1, 'api-calls': 2, integrations: 3, activations: 1 },
  grace: 15,
};
const file = writeFile(payload, { kid: 'k1', privateKey: pair.privateKey });
const parts = () => file.split('.');
const withBody = (change: object) => {
  const [prefix, body = '', signature] = parts();
  const said = JSON.parse(Buffer.from(body, 'base64url').toString());
  return [prefix, Buffer.from(JSON.stringify({ ...said, ...change })).toString('base64url'), signature].join('.');
};

describe('licence files', () => {
  it('say what was signed, in one order of their keys', () => {
    const body = Buffer.from(parts()[1] ?? '', 'base64url').toString();

    expect(file.startsWith('LORO1.')).toBe(true);
    expect(Object.keys(JSON.parse(body))).toEqual(Object.keys(JSON.parse(body)).toSorted());
    expect(body).not.toContain(' ');
    expect(readFile(file, keys)).toEqual({ ...payload, v: 1, kid: 'k1' });
    expect(readFile(`\n${file}\n`, keys)).not.toBeNull();
  });

  it('say nothing once anything of them was changed', () => {
    expect(readFile(withBody({ exp: null }), keys)).toBeNull();
    expect(readFile(withBody({ kid: 'k2' }), keys)).toBeNull();
    expect(readFile(withBody({ kid: 'k2' }), new Map([...keys, ['k2', other.publicKey]]))).toBeNull();
    expect(readFile(`${file}x`, keys)).toBeNull();
    expect(readFile(`${file}.more`, keys)).toBeNull();
    expect(readFile(file.replace('LORO1', 'LORO2'), keys)).toBeNull();
  });

  it('signed by a key of one’s own are nothing', () => {
    const forged = writeFile(payload, { kid: 'k1', privateKey: other.privateKey });

    expect(readFile(forged, keys)).toBeNull();
    for (const text of ['', 'LORO1', 'LORO1..', 'LORO1.AAAA.AAAA', 'LORO1.e30.AAAA', '[]'])
      expect(readFile(text, keys)).toBeNull();
  });

  it('show a clock that was set back by more than ten minutes', () => {
    const greatest = new Date('2026-04-01T12:00:00Z');

    expect(isClockBehind(greatest, new Date('2026-04-01T11:50:00Z'))).toBe(false);
    expect(isClockBehind(greatest, new Date('2026-04-01T11:49:59.999Z'))).toBe(true);
    expect(isClockBehind(greatest, new Date('2027-01-01T00:00:00Z'))).toBe(false);
  });
});
