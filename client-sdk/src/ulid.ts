const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

let lastMs = -1;
/** The random part of the last id, as sixteen base 32 digits. */
let digits: number[] = [];

/**
 * Makes a ULID; ids of one process are strictly increasing, within a millisecond and when the clock goes back.
 *
 * @example
 * const id = ulid(); // '01KB3ZVZ8Q4T8M0F8E2N6T5W9D'
 */
export function ulid(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    digits = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte & 31);
  } else {
    let at = 15;
    while (at > 0 && digits[at] === 31) digits[at--] = 0;
    digits[at] = ((digits[at] ?? 0) + 1) & 31;
  }
  let rest = lastMs;
  let text = digits.map((digit) => ALPHABET[digit]).join('');
  for (let index = 0; index < 10; index++) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}
