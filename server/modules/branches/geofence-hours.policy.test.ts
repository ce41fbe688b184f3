import { ActiveHours } from './geofence-hours.policy';

const ms = (instant: string): number => Date.parse(instant);
const every = (opensAt: string, closesAt: string) =>
  [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opensAt, closesAt }));

describe('the hours of a fence', () => {
  it('are wall time of its zone, half-open', () => {
    const hours = new ActiveHours([{ weekday: 2, opensAt: '08:00', closesAt: '17:00' }], 'Africa/Johannesburg');

    expect(hours.isActive(ms('2026-11-24T05:59:59.999Z'))).toBe(false);
    expect(hours.isActive(ms('2026-11-24T06:00:00Z'))).toBe(true);
    expect(hours.endOf(ms('2026-11-24T06:00:00Z'))).toBe(ms('2026-11-24T15:00:00Z'));
    expect(hours.isActive(ms('2026-11-24T15:00:00Z'))).toBe(false);
    expect(hours.isActive(ms('2026-11-25T08:00:00Z'))).toBe(false);
  });

  it('go over midnight, and on from one stretch into the next that touches it', () => {
    const night = new ActiveHours([{ weekday: 7, opensAt: '22:00', closesAt: '06:00' }], 'UTC');
    const shifts = new ActiveHours(
      [
        { weekday: 1, opensAt: '06:00', closesAt: '14:00' },
        { weekday: 1, opensAt: '14:00', closesAt: '22:00' },
      ],
      'UTC',
    );

    expect(night.endOf(ms('2026-11-22T23:00:00Z'))).toBe(ms('2026-11-23T06:00:00Z'));
    expect(night.isActive(ms('2026-11-23T05:59:00Z'))).toBe(true);
    expect(night.isActive(ms('2026-11-22T05:00:00Z'))).toBe(false);
    expect(shifts.endOf(ms('2026-11-23T07:00:00Z'))).toBe(ms('2026-11-23T22:00:00Z'));
  });

  it('have no end where they are every hour of the week', () => {
    expect(new ActiveHours(every('00:00', '00:00'), 'Europe/Berlin').endOf(ms('2026-03-29T00:30:00Z'))).toBe(Infinity);
  });

  it('are an hour shorter in the night in which the clocks go forward', () => {
    const night = new ActiveHours([{ weekday: 6, opensAt: '22:00', closesAt: '06:00' }], 'Europe/Berlin');

    expect(night.isActive(ms('2026-03-28T21:00:00Z'))).toBe(true);
    expect(night.endOf(ms('2026-03-28T21:00:00Z'))).toBe(ms('2026-03-29T04:00:00Z'));
  });

  it('end at once where they do not hold the instant', () => {
    const hours = new ActiveHours([{ weekday: 2, opensAt: '08:00', closesAt: '17:00' }], 'UTC');
    const instant = ms('2026-11-25T10:00:00Z');

    expect(hours.endOf(instant)).toBe(instant);
  });
});
