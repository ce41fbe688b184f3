import { commonWords, runs } from './common-passwords';

/** ASVS wants at least 64 to be allowed. */
const MOST = 128;
/** Names shorter than this are in too many innocent passwords. */
const SHORTEST_NAME = 3;
const PRODUCT = 'lorohub';
/** Standing alone, where the letters around it do not make it part of a word. */
const PRODUCT_ALONE = /(?<!\p{L})loro(?!\p{L})/u;
/** A run shorter than this is no run. */
const SHORTEST_RUN = 3;

export type Weakness = 'too_short' | 'too_long' | 'common' | 'personal' | 'breached' | 'unchanged';

/** What a password must not be made of. */
export interface Owner {
  readonly email: string;
  /** The organisation's name, and its short one. */
  readonly organisation: readonly string[];
}

/** What is wrong with a password, by what can be told without asking anybody. */
export function weaknessOf(password: string, owner: Owner, minLength: number): Weakness | undefined {
  const text = password.normalize('NFKC');
  // Code points, which is what people count; one emoji is not two.
  const { length } = Array.from(text);
  if (length < minLength) return 'too_short';
  if (length > MOST) return 'too_long';
  if (isCommon(text)) return 'common';
  if (isPersonal(text, owner)) return 'personal';
  return undefined;
}

/** Whether nothing is left of a password without common words, dates, runs of keys and repetition. */
function isCommon(text: string): boolean {
  const lower = text.toLowerCase();
  const word = lower.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return isNumber(lower) || isMadeOfRuns(lower) || [lower, plain(lower), plain(word)].some(isMadeOfWords);
}

/** A date, a telephone number, a row of digits. */
const isNumber = (text: string): boolean => /^[\d\s./:+()-]+$/.test(text);

/** `p@ssw0rd` and `password` are one thing to whoever guesses. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '€': 'e',
  '+': 't',
};
const plain = (text: string): string => Array.from(text, (letter) => LOOKALIKES[letter] ?? letter).join('');

/** Words with digits and signs around them: `Summer2026!`, `hello-hello`. One word, or one repeated. */
function isMadeOfWords(text: string): boolean {
  const letters = text.replaceAll(/[^\p{L}]/gu, '');
  return letters !== '' && commonWords.has(unitOf(letters));
}

/** What a text repeats; itself where it repeats nothing. */
function unitOf(text: string): string {
  const at = `${text}${text}`.indexOf(text, 1);
  return text.slice(0, at);
}

/** Whether a text is nothing but pieces of runs and repetition: `qwertyuiop123`, `aaaabbbb1111`. */
function isMadeOfRuns(text: string): boolean {
  let rest = text;
  while (rest !== '') {
    const piece = Math.max(runAt(rest), repetitionAt(rest));
    if (piece < SHORTEST_RUN) break;
    rest = rest.slice(piece);
  }
  // A sign or two behind a run make it no better.
  return rest.length < SHORTEST_RUN && rest.length < text.length;
}

const everyRun = runs.flatMap((run) => [run, Array.from(run).toReversed().join('')]);

function runAt(text: string): number {
  let longest = 0;
  for (let length = SHORTEST_RUN; length <= text.length; length += 1) {
    const piece = text.slice(0, length);
    if (!everyRun.some((run) => run.includes(piece))) break;
    longest = length;
  }
  return longest;
}

/** How far the beginning of a text is one to three characters over and over. */
function repetitionAt(text: string): number {
  let longest = 0;
  for (let unit = 1; unit <= 3; unit += 1) {
    let length = unit;
    while (length < text.length && text[length] === text[length - unit]) length += 1;
    if (length >= unit * 3) longest = Math.max(longest, length);
  }
  return longest;
}

function isPersonal(text: string, { email, organisation }: Owner): boolean {
  const lower = text.toLowerCase();
  const bare = compact(lower);
  const [localPart = ''] = email.toLowerCase().split('@');
  const names = [localPart, localPart.replace(/\+.*$/, ''), ...organisation].map(compact);
  if (bare.includes(PRODUCT) || PRODUCT_ALONE.test(lower)) return true;
  return names.some((name) => Array.from(name).length >= SHORTEST_NAME && bare.includes(name));
}

/** Letters and digits alone: `Blue Crane (Pty)` is in `blue-crane-pty!`. */
const compact = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
