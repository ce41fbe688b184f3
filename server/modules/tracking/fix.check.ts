import { Fix } from '@loro/contracts/tracking';

const INSTANT =
  /^(19[7-9]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z$/;
const MAX_N = 2_147_483_647;
const FIELDS = new Set<string>(Object.keys(Fix.shape));

/**
 * Says yes to most of what the contract's schema says yes to, several times sooner. A no means nothing: the schema
 * decides, and names what is wrong. Never says yes where the schema says no.
 */
export function isPlainFix(raw: unknown): raw is Fix {
  if (typeof raw !== 'object' || raw === null) return false;
  for (const field in raw) if (!FIELDS.has(field)) return false;
  const { n, at, segment, lat, lng, accuracy, altitude, speed, heading, battery, speedAccuracy, odometer, mock } =
    raw as Record<string, unknown>;
  return (
    isWhole(n, 1, MAX_N) &&
    typeof at === 'string' &&
    INSTANT.test(at) &&
    (segment === undefined || isWhole(segment, 0, 65_535)) &&
    isNumber(lat, -90, 90) &&
    isNumber(lng, -180, 180) &&
    isNumber(accuracy, 0, 1_000_000) &&
    (isAbsent(altitude) || isNumber(altitude, -20_000, 100_000)) &&
    (isAbsent(speed) || isNumber(speed, 0, 20_000)) &&
    (isAbsent(heading) || isNumber(heading, 0, 360)) &&
    (isAbsent(battery) || isNumber(battery, 0, 1)) &&
    (isAbsent(speedAccuracy) || isNumber(speedAccuracy, 0, 20_000)) &&
    (isAbsent(odometer) || isNumber(odometer, 0, 1e10)) &&
    (mock === undefined || typeof mock === 'boolean')
  );
}

const isNumber = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && value >= min && value <= max;
const isWhole = (value: unknown, min: number, max: number): boolean =>
  Number.isInteger(value) && isNumber(value, min, max);
const isAbsent = (value: unknown): boolean => value === undefined || value === null;
