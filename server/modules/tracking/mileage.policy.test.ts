import { digestOf, kilometresOf, linesOf, type LoggedTrip, monthAfter } from './mileage.policy';

const trip = (startAt: number, metres: number, purpose: LoggedTrip['purpose']): LoggedTrip => ({
  tripId: `trip-${startAt}`,
  date: '2026-11-02',
  startAt,
  endAt: startAt + 600_000,
  from: 'Depot',
  to: 'Acme',
  metres,
  purpose,
  note: null,
  driver: 'Thandi',
});
const trips = [trip(1_000, 12_345.6, 'business'), trip(2_000, 4_004.9, 'private'), trip(3_000, 7_655, 'commute')];

describe('the mileage log', () => {
  it('counts on from the first reading of the vehicle’s counter', () => {
    const lines = linesOf(trips, { at: 1_500, metres: 100_000_000 });

    expect(lines.map(({ km, odometerStartKm, odometerEndKm }) => [km, odometerStartKm, odometerEndKm])).toEqual([
      [12.35, null, null],
      [4, 100_000, 100_004],
      [7.66, 100_004, 100_011.66],
    ]);
  });

  it('sums what it shows, by purpose', () => {
    expect(kilometresOf(linesOf(trips, null))).toEqual({
      business: 12.35,
      private: 4,
      commute: 7.66,
      unknown: 0,
      total: 24.01,
    });
  });

  it('has a digest that any change of a line changes', () => {
    const lines = linesOf(trips, null);
    const changed = lines.map((line, index) => (index === 1 ? { ...line, purpose: 'business' as const } : line));

    expect(digestOf(linesOf(trips, null))).toBe(digestOf(lines));
    expect(digestOf(changed)).not.toBe(digestOf(lines));
  });

  it.each([
    ['2026-11', '2026-12'],
    ['2026-12', '2027-01'],
  ])('knows the month after %s', (month, next) => {
    expect(monthAfter(month)).toBe(next);
  });
});
