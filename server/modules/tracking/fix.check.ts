import type { Fix } from '@loro/contracts/tracking';

const INSTANT =
  /^(19[7-9]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z$/;
const MAX_N = 2_147_483_647;

type Check = (value: unknown) => boolean;

const number =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && value >= min && value <= max;
const whole =
  (min: number, max: number): Check =>
  (value) =>
    Number.isInteger(value) && number(min, max)(value);
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const checks = new Map<string, Check>([
  ['n', whole(1, MAX_N)],
  ['at', (value) => typeof value === 'string' && INSTANT.test(value)],
  ['segment', whole(0, 65_535)],
  ['lat', number(-90, 90)],
  ['lng', number(-180, 180)],
  ['accuracy', number(0, 1_000_000)],
  ['altitude', nullable(number(-20_000, 100_000))],
  ['speed', nullable(number(0, 20_000))],
  ['heading', nullable(number(0, 360))],
  ['battery', nullable(number(0, 1))],
  ['mock', (value) => typeof value === 'boolean'],
]);

/**
 * Says yes to most of what the contract's schema says yes to, several times sooner. A no means nothing: the schema
 * decides, and names what is wrong. Never says yes where the schema says no.
 */
export function isPlainFix(raw: unknown): raw is Fix {
  if (typeof raw !== 'object' || raw === null) return false;
  let required = 0;
  for (const [key, value] of Object.entries(raw)) {
    if (!checks.get(key)?.(value)) return false;
    if (key === 'n' || key === 'at' || key === 'lat' || key === 'lng' || key === 'accuracy') required += 1;
  }
  return required === 5;
}
