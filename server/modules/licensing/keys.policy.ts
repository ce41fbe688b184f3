/** Crockford's base 32: no I, L, O, U. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** The check symbol counts to 36. */
const CHECKS = `${DIGITS}*~$=U`;
const PREFIX = 'LORO';
const LENGTH = 24;
const MODULUS = 37n;

/** What people mistype, read as it was meant. */
const meant = (text: string): string => text.replaceAll('O', '0').replaceAll(/[IL]/g, '1');

const valueOf = (digits: string): bigint =>
  Array.from(digits).reduce((value, digit) => value * 32n + BigInt(DIGITS.indexOf(digit)), 0n);

/** 120 bits as text. */
export function digitsOf(bits: Buffer): string {
  let value = BigInt(`0x${bits.toString('hex')}`);
  let text = '';
  for (let left = LENGTH; left > 0; left -= 1) {
    text = (DIGITS[Number(value % 32n)] ?? '') + text;
    value /= 32n;
  }
  return text;
}

/** 37 is prime and larger than the base, so that any one wrong digit changes it. */
export const checkOf = (digits: string): string => CHECKS[Number(valueOf(digits) % MODULUS)] ?? '';

/** As it is shown: `LORO-008J4C-T4ANK7-F24SNA-XWSQFE-E`. */
export function keyOf(bits: Buffer): string {
  const digits = digitsOf(bits);
  return [PREFIX, ...(digits.match(/.{6}/g) ?? []), checkOf(digits)].join('-');
}

/** The one spelling of a key that is hashed; null where a character is wrong or missing. */
export function readKey(typed: string): string | null {
  const text = typed.toUpperCase().replaceAll(/[\s-]/g, '');
  if (!text.startsWith(PREFIX)) return null;
  const digits = meant(text.slice(PREFIX.length, PREFIX.length + LENGTH));
  // U is a check symbol of its own, so that only there the letters O, I and L can be put right.
  const check = meant(text.slice(PREFIX.length + LENGTH));
  if (digits.length !== LENGTH || Array.from(digits).some((digit) => !DIGITS.includes(digit))) return null;
  return check === checkOf(digits) ? `${PREFIX}${digits}${check}` : null;
}
