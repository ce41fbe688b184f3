import { weaknessOf } from './passwords.policy';

const owner = { email: 'thandi.nkosi@example.test', organisation: ['Blue Crane Cooling', 'blue-crane-cooling'] };
const judge = (password: string, minLength = 10) => weaknessOf(password, owner, minLength);

describe('a good password', () => {
  it.each([
    'correct horse battery',
    'a walk along the river',
    'Vier Katzen trinken Tee',
    'xK9#mQ2$vL5w',
    '我的密码是一个长句子',
    '🐘🦒🦓🐆🐅🦁🐃🦏🦛🐊',
    'summer rain on tin roofs',
    '4711 trombones marching',
    'x'.repeat(5) + 'elephants never',
  ])('%s is taken, without signs or capitals being asked for', (password) => {
    expect(judge(password)).toBeUndefined();
  });

  it('has as many characters as the organisation asks for, counted as people count them', () => {
    expect(judge('river walk', 10)).toBeUndefined();
    expect(judge('river walk', 11)).toBe('too_short');
    expect(judge('🐘🦒🦓🐆🐅', 6)).toBe('too_short');
    // The composed and the decomposed form are one password.
    expect(judge('ÄÖÜ äöü x'.normalize('NFD'), 10)).toBe('too_short');
  });

  it('has at most 128 characters', () => {
    const long = 'the quick brown fox jumps over a lazy dog and '.repeat(3);

    expect(judge(long.slice(0, 128))).toBeUndefined();
    expect(judge(long.slice(0, 129))).toBe('too_long');
  });
});

describe('a password that everybody guesses', () => {
  it.each([
    'password123',
    'Password2026!',
    'P@ssw0rd1234',
    'passwordpassword',
    'Summer2026!!',
    'welcome12345',
    'Welcome-2026',
    'letmein1234',
    'iloveyou1234',
    'qwertyuiop',
    'qwertyuiop123',
    '1q2w3e4r5t',
    '1qaz2wsx3edc',
    'zaq12wsxcde3',
    '1234567890',
    '0987654321',
    'abcdefghij',
    'abcd1234abcd',
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    '111111222222',
    'asdfghjkl;',
    'adminadmin1',
    'changeme!!!',
    'Liverpool1892',
    'football1234',
    'december2026',
    'correcthorsebatterystaple',
    '2026-11-25-26',
    '!@#$%^&*()',
  ])('%s is refused', (password) => {
    expect(judge(password)).toBe('common');
  });
});

describe('a password made of its owner', () => {
  it.each([
    'thandi.nkosi-9x',
    'xx ThandiNkosi xx',
    'i work at Blue Crane Cooling',
    'blue-crane-cooling-7',
    'the loro hub is mine',
    'LoroHub for me 77',
    'my Loro flies 12',
  ])('%s is refused', (password) => {
    expect(judge(password)).toBe('personal');
  });

  it('is not one that happens to hold two letters of a name', () => {
    const short = { email: 'jo@example.test', organisation: ['BP'] };

    expect(weaknessOf('major keys on the bpm', short, 10)).toBeUndefined();
  });

  it('is not one in which the name of the product is part of a word', () => {
    expect(judge('color of their coat')).toBeUndefined();
  });
});
