import type { Signal } from '@loro/contracts/check-ins-values';
import { distanceM } from '../../platform';

const HOUR = 3_600_000;

/** How surely each of these by itself says that a check-in is not what it says. */
export const weights = {
  mock: 1,
  emulator: 0.9,
  attestation_failed: 0.6,
  frozen_coordinates: 0.5,
  photo_reused: 0.5,
  signature_invalid: 1,
  fence_centre: 0.35,
  ip_country: 0.35,
  zone_mismatch: 0.25,
  rooted: 0.25,
  constant_accuracy: 0.2,
  clock_skew: 0.2,
  all_zero: 0.15,
  shared_device: 0.4,
} as const;
export type SignalName = keyof typeof weights | 'teleport';

/** Only these are plain enough to turn somebody away at once. */
const plain: readonly SignalName[] = ['mock', 'emulator', 'signature_invalid'];
export const isPlain = (signals: readonly Signal[]): boolean =>
  signals.some(({ name }) => plain.some((one) => one === name));

const FEWEST_FROZEN = 5;
const CENTRE_M = 0.5;
const SLOWEST_KMH = 250;
const SUREST_KMH = 1_000;
const MOST_WEIGHT = 0.8;
const LOOK_BACK_MS = 6 * HOUR;
const LEAST_MS = 1_000;

interface Spot {
  readonly lat: number;
  readonly lng: number;
  readonly accuracy?: number | undefined;
}

interface Seen extends Spot {
  readonly atMs: number;
}

export interface FraudFacts {
  readonly mock: boolean;
  readonly isEmulator: boolean;
  readonly isAttestationFailed: boolean;
  readonly isRooted: boolean;
  /** Null where the phone named no enrolled device. */
  readonly isSignatureValid: boolean | null;
  readonly isPhotoReused: boolean;
  readonly isIpCountryOther: boolean;
  readonly isZoneOther: boolean;
  readonly isClockSkewed: boolean;
  /** Somebody else used this device within ten minutes. */
  readonly isDeviceShared: boolean;
  /** The newest readings, oldest first, the one of the check-in last. */
  readonly readings: readonly Spot[];
  readonly motion: { readonly altitude: number | null; readonly speed: number | null; readonly heading: number | null };
  readonly fenceCentre: Spot | null;
  readonly now: Seen | null;
  readonly last: Seen | null;
}

/** Every sign that speaks against it, with its weight. */
export function signalsOf(facts: FraudFacts): Signal[] {
  const { motion, now, fenceCentre } = facts;
  const said: Record<keyof typeof weights, boolean> = {
    mock: facts.mock,
    emulator: facts.isEmulator,
    attestation_failed: facts.isAttestationFailed,
    frozen_coordinates: isFrozen(facts.readings),
    photo_reused: facts.isPhotoReused,
    signature_invalid: facts.isSignatureValid === false,
    fence_centre: now !== null && fenceCentre !== null && distanceM(now, fenceCentre) < CENTRE_M,
    ip_country: facts.isIpCountryOther,
    zone_mismatch: facts.isZoneOther,
    rooted: facts.isRooted,
    constant_accuracy: isConstant(facts.readings),
    clock_skew: facts.isClockSkewed,
    all_zero: motion.altitude === 0 && motion.speed === 0 && motion.heading === 0,
    shared_device: facts.isDeviceShared,
  };
  const signals: Signal[] = Object.entries(weights).flatMap(([name, weight]) =>
    Reflect.get(said, name) === true ? [{ name, weight }] : [],
  );
  const weight = now && facts.last ? teleportWeight(facts.last, now) : 0;
  return weight > 0 ? [...signals, { name: 'teleport', weight }] : signals;
}

/** 0 to 100: the chance that at least one of the signs is right, were they independent. */
export const scoreOf = (signals: readonly Signal[]): number =>
  Math.round(100 * (1 - signals.reduce((left, { weight }) => left * (1 - weight), 1)));

/** Metres a second that must have been travelled at least, both readings being as wrong as they may be; null for no speed. */
export function leastSpeed(a: Seen, b: Seen): number | null {
  const between = Math.abs(b.atMs - a.atMs);
  // Two readings of one moment are one reading twice, and say nothing of speed.
  if (between === 0 || between > LOOK_BACK_MS) return null;
  const surely = Math.max(0, distanceM(a, b) - (a.accuracy ?? 0) - (b.accuracy ?? 0));
  return surely / (Math.max(between, LEAST_MS) / 1_000);
}

/** Nothing up to 250 km/h, 0.8 from 1 000 km/h on, a straight line between. */
export function teleportWeight(a: Seen, b: Seen): number {
  const speed = leastSpeed(a, b);
  return speed === null ? 0 : weightOfSpeed(speed * 3.6);
}

export const weightOfSpeed = (kmh: number): number =>
  Math.min(MOST_WEIGHT, Math.max(0, ((kmh - SLOWEST_KMH) / (SUREST_KMH - SLOWEST_KMH)) * MOST_WEIGHT));

const sixth = (degrees: number): number => Math.round(degrees * 1e6);
const tail = (readings: readonly Spot[]): readonly Spot[] => readings.slice(-FEWEST_FROZEN);

/** The last five readings are the same to a tenth of a metre: a real one wanders. */
function isFrozen(readings: readonly Spot[]): boolean {
  const newest = tail(readings);
  const [first] = newest;
  if (!first || newest.length < FEWEST_FROZEN) return false;
  return newest.every(({ lat, lng }) => sixth(lat) === sixth(first.lat) && sixth(lng) === sixth(first.lng));
}

function isConstant(readings: readonly Spot[]): boolean {
  const newest = tail(readings);
  const accuracy = newest[0]?.accuracy;
  return newest.length >= FEWEST_FROZEN && accuracy !== undefined && newest.every((one) => one.accuracy === accuracy);
}
