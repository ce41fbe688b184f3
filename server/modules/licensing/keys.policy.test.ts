import { checkOf, digitsOf, keyOf, readKey } from './keys.policy';

const bits = Buffer.from('00112233445566778899aabbccddee', 'hex');
const key = 'LORO-008J4C-T4ANK7-F24SNA-XWSQFE-E';

describe('acceptance: licence keys', () => {
  it('are 120 bits in base 32 and a check symbol', () => {
    expect(digitsOf(bits)).toBe('008J4CT4ANK7F24SNAXWSQFE');
    expect(checkOf('008J4CT4ANK7F24SNAXWSQFE')).toBe('E');
    expect(keyOf(bits)).toBe(key);
  });

  it('are read however they are spaced and cased, and with the letters that people mistake', () => {
    const one = readKey(key);

    expect(one).toBe('LORO008J4CT4ANK7F24SNAXWSQFEE');
    for (const typed of [
      key.toLowerCase(),
      key.replaceAll('-', ' '),
      key.replaceAll('-', ''),
      key.replace('-00', '-oO'),
    ])
      expect(readKey(typed)).toBe(one);
  });

  it('give away every single wrong character, wherever it stands', () => {
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U';
    const wrong = Array.from(key).flatMap((right, index) =>
      right === '-'
        ? []
        : Array.from(alphabet)
            .filter((other) => other !== right && !(index === 1 && other === '0') && !(index === 3 && other === '0'))
            .map((other) => key.slice(0, index) + other + key.slice(index + 1)),
    );

    expect(wrong.length).toBeGreaterThan(900);
    expect(wrong.filter((typed) => readKey(typed) !== null)).toEqual([]);
  });

  it('give away two neighbours that changed places, and a character too few or too many', () => {
    const digits = digitsOf(bits);
    const swapped = Array.from(digits).flatMap((digit, at) => {
      const next = digits[at + 1];
      return next === undefined || next === digit
        ? []
        : [`LORO${digits.slice(0, at)}${next}${digit}${digits.slice(at + 2)}E`];
    });

    expect(swapped.filter((typed) => readKey(typed) !== null)).toEqual([]);
    expect([key.slice(0, -1), `${key}0`, 'LORO', ''].map(readKey)).toEqual([null, null, null, null]);
  });

  it('check with any of 37 symbols', () => {
    for (let n = 0; n < 200; n += 1) {
      const made = keyOf(Buffer.from([...Array(14).fill(7), n]));
      expect(readKey(made)).not.toBeNull();
    }
  });
});
