import { Secret } from 'otpauth';
import { codeOf, confirmedStep, newRecoveryCode, newSecret, readCode, stepAt, stepsOf, uriOf } from './totp.policy';

/** The secret of RFC 6238, appendix B. */
const secret = Secret.fromUTF8('12345678901234567890').base32;
const at = (second: number): Date => new Date(second * 1_000);

describe('acceptance: codes of an authenticator', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at second %i are those of RFC 6238', (second, code) => {
    expect(codeOf(secret, stepAt(at(second)), 8)).toBe(code);
    expect(codeOf(secret, stepAt(at(second)))).toBe(code.slice(2));
  });

  it.each([
    [29, [1]],
    [30, [1]],
    [59, [1]],
    [60, [1]],
    [89, [1]],
    [90, []],
  ])('count in their own thirty seconds and the ones beside: at second %i', (second, steps) => {
    expect(stepsOf('287082', secret, at(second), false)).toEqual(steps);
  });

  it.each([
    [29, []],
    [30, [1]],
    [59, [1]],
    [60, []],
  ])('count in their own thirty seconds alone where the organisation is strict: at second %i', (second, steps) => {
    expect(stepsOf('287082', secret, at(second), true)).toEqual(steps);
  });
});

describe('confirming an authenticator', () => {
  const codes = (...steps: [number, number]): [string, string] => [codeOf(secret, steps[0]), codeOf(secret, steps[1])];

  it('takes two codes that follow each other, and counts the second as used', () => {
    expect(confirmedStep(codes(99, 100), secret, at(100 * 30))).toBe(100);
  });

  it.each<[string, [string, string]]>([
    ['one code twice', codes(100, 100)],
    ['two codes with one between them', codes(98, 100)],
    ['two codes the wrong way round', codes(100, 99)],
    ['two codes of yesterday', codes(99 - 2_880, 100 - 2_880)],
    ['words', ['abc', 'def']],
  ])('does not take %s', (_what, given) => {
    expect(confirmedStep(given, secret, at(100 * 30))).toBeUndefined();
  });
});

it('gives apps an address with the secret in it', () => {
  const uri = new URL(uriOf(secret, { issuer: 'Loro Hub', label: 'zoe@example.test' }));

  expect(uri.protocol).toBe('otpauth:');
  expect(decodeURIComponent(uri.pathname)).toContain('Loro Hub:zoe@example.test');
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({
    secret,
    issuer: 'Loro Hub',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});

it('makes secrets of 160 bits and recovery codes of 120, none twice', () => {
  const secrets = Array.from({ length: 100 }, newSecret);
  const codes = Array.from({ length: 100 }, newRecoveryCode);

  expect(new Set(secrets).size).toBe(100);
  expect(new Set(codes).size).toBe(100);
  for (const made of secrets) expect(made).toMatch(/^[A-Z2-7]{32}$/);
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{24}$/);
});

describe('reading what was typed', () => {
  it.each([
    ['287 082', { kind: 'totp', code: '287082' }],
    ['287-082', { kind: 'totp', code: '287082' }],
    ['0123-4567-89ab-cdef-ghjk-mnpq', { kind: 'recovery-code', code: '0123456789ABCDEFGHJKMNPQ' }],
    ['oO1lI 23456 789AB CDEFG HJKM', { kind: 'recovery-code', code: '0011123456789ABCDEFGHJKM' }],
    ['28708', undefined],
    ['2870823', undefined],
    ['UUUUUUUUUUUUUUUUUUUUUUUU', undefined],
    ['', undefined],
  ])('%s', (text, read) => {
    expect(readCode(text)).toEqual(read);
  });
});
