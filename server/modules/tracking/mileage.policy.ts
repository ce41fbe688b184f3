import { createHash } from 'node:crypto';
import type { Mileage, MileageLine } from '@loro/contracts/tracking-mileage';

const hundredth = (value: number): number => Math.round(value * 100) / 100;

/** A trip as the log of a month takes it. */
export interface LoggedTrip {
  readonly tripId: string;
  readonly date: string;
  readonly startAt: number;
  readonly endAt: number;
  readonly from: string;
  readonly to: string;
  readonly metres: number;
  readonly purpose: MileageLine['purpose'];
  readonly note: string | null;
  readonly driver: string | null;
}

/** What the vehicle’s own counter showed at an instant. */
export interface Reading {
  readonly at: number;
  readonly metres: number;
}

/** Lines of a month, counted on from its first reading; a trip that began before it has no reading. */
export function linesOf(trips: readonly LoggedTrip[], reading: Reading | null): MileageLine[] {
  let counter: number | null = null;
  return trips.map(({ metres, startAt, endAt, ...trip }) => {
    if (counter === null && reading && startAt >= reading.at) counter = reading.metres;
    const start = counter;
    counter = counter === null ? null : counter + metres;
    return {
      ...trip,
      startAt: new Date(startAt).toISOString(),
      endAt: new Date(endAt).toISOString(),
      km: hundredth(metres / 1_000),
      odometerStartKm: start === null ? null : hundredth(start / 1_000),
      odometerEndKm: counter === null ? null : hundredth(counter / 1_000),
    };
  });
}

/** Sums of lines as they are shown, so that whoever adds them up comes to the same. */
export function kilometresOf(lines: readonly Pick<MileageLine, 'km' | 'purpose'>[]): Mileage['km'] {
  const sum = (purpose?: MileageLine['purpose']) =>
    hundredth(lines.reduce((km, line) => km + (purpose === undefined || line.purpose === purpose ? line.km : 0), 0));
  return {
    business: sum('business'),
    private: sum('private'),
    commute: sum('commute'),
    unknown: sum('unknown'),
    total: sum(),
  };
}

/** What a closed month can be held against. */
export const digestOf = (lines: readonly MileageLine[]): string =>
  createHash('sha256').update(JSON.stringify(lines)).digest('hex');

export const monthAfter = (month: string): string => {
  const [year = 0, of = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, of, 1)).toISOString().slice(0, 7);
};
