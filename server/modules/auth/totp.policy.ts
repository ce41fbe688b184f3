import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

const STEP_MS = 30_000;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RECOVERY_CODE_LENGTH = 24;

const totp = (secret: string, digits = 6): TOTP =>
  new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits, period: STEP_MS / 1000 });

/** 160 bits, in base 32. */
export const newSecret = (): string => new Secret({ size: 20 }).base32;

export const stepAt = (at: Date): number => Math.floor(at.getTime() / STEP_MS);

/** The code of a step, RFC 6238. */
export const codeOf = (secret: string, step: number, digits = 6): string =>
  totp(secret, digits).generate({ timestamp: step * STEP_MS });

/**
 * The steps that a code may stand for at an instant: of the running one and its two neighbours, whose clocks may be
 * wrong; strictly, of the running one alone. Mostly none or one.
 */
export function stepsOf(code: string, secret: string, at: Date, isStrict: boolean): number[] {
  const running = stepAt(at);
  const candidates = isStrict ? [running] : [running - 1, running, running + 1];
  return candidates.filter((step) => step >= 0 && isSame(codeOf(secret, step), code));
}

/** The step of the second of two codes that follow each other, where both are right. */
export function confirmedStep(codes: readonly [string, string], secret: string, at: Date): number | undefined {
  const [first, second] = codes;
  return stepsOf(second, secret, at, false).find((step) => step > 0 && isSame(codeOf(secret, step - 1), first));
}

/** What an authenticator app reads from a QR code. */
export function uriOf(secret: string, { issuer, label }: { issuer: string; label: string }): string {
  return new TOTP({
    issuer,
    label,
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
  }).toString();
}

/** 120 random bits, so that a plain hash of it is safe to keep. */
export function newRecoveryCode(): string {
  let bits = BigInt(`0x${randomBytes(15).toString('hex')}`);
  let code = '';
  for (let at = 0; at < RECOVERY_CODE_LENGTH; at += 1) {
    code += CROCKFORD[Number(bits & 31n)];
    bits >>= 5n;
  }
  return code;
}

export type TypedCode = { readonly kind: 'totp' | 'recovery-code'; readonly code: string };

/** What a person typed: blanks and dashes left out, letters that look like digits read as those. */
export function readCode(text: string): TypedCode | undefined {
  const bare = text.replaceAll(/[\s-]/g, '').toUpperCase();
  if (/^\d{6}$/.test(bare)) return { kind: 'totp', code: bare };
  const code = bare.replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return code.length === RECOVERY_CODE_LENGTH && /^[0-9A-HJKMNP-TV-Z]+$/.test(code)
    ? { kind: 'recovery-code', code }
    : undefined;
}

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
