import type { CheckIn } from '@loro/contracts/check-ins';
import type { FixesMoved, FixesTaken, PackedFix } from '@loro/contracts/tracking';
import { ulid } from 'ulid';

/** What all sides of the bench say, so that each carries the same bytes. */
export interface Burst {
  readonly stream: string;
  readonly events: number;
}

export interface Stamp {
  readonly stream: string;
}

/** A check-in as the hub announces one: every event is another. */
export const checkIn = (branchId: string): CheckIn => ({
  id: ulid(),
  branchId,
  userId: ulid(),
  userName: 'Nomvula Dlamini',
  startedAt: new Date().toISOString(),
  startedPlace: { lat: -26.1076, lng: 28.0567, accuracy: 8 },
  endedAt: null,
  endedPlace: null,
  note: 'Delivery at the back entrance',
});

/** The event with everything that the hub sends beside it. */
export const checkInStarted = (stream: string, n: number): [string, CheckIn, object] => [
  'check-in:started',
  checkIn(stream.slice(stream.lastIndexOf(':') + 1)),
  { stream, epoch: '01K9W5F8Z3X0T4V7B2N6M1C8QD', n, id: ulid(), at: new Date().toISOString() },
];

export const fixesMoved = (stream: string, fixes: PackedFix[]): [string, FixesMoved, object] => {
  const at = new Date().toISOString();
  return ['fixes:moved', { at, fixes }, { stream, at }];
};

/** A position that says when it was sent, in microseconds of the clock that all processes of a machine share. */
export const stampedFix = (): PackedFix => [1, 0, Number(process.hrtime.bigint() / 1_000n), 280_567_000, 8, 140, 90];

interface SentFix {
  readonly n: number;
  readonly at: string;
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
  readonly speed: number;
  readonly heading: number;
}

/** A report as it arrives; the anchors look no closer. */
export interface SentReport {
  readonly device: string;
  readonly fixes: readonly SentFix[];
}

export const packSent = (key: number, { at, lat, lng, accuracy, speed, heading }: SentFix): PackedFix => [
  key,
  Date.now() - Date.parse(at),
  Math.round(lat * 1e7),
  Math.round(lng * 1e7),
  Math.round(accuracy),
  Math.round(speed * 100),
  Math.round(heading),
];

/** The acknowledgement that phones look for. */
export const taken = ({ fixes }: SentReport): { ok: true; data: FixesTaken } => ({
  ok: true,
  data: { upTo: fixes.at(-1)?.n ?? 0, rejected: [] },
});

/** What a subscriber is told, as far as the load looks. */
export const subscribed = (streams: readonly { stream: string }[]) => ({ ok: true, data: { streams } });

export interface Subscription {
  readonly streams: readonly { readonly stream: string }[];
}
