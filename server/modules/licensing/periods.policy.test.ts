import { attemptDue, attemptsOf, dayOf, intervalAfter, monthOf, renewed } from './periods.policy';

const at = (text: string) => new Date(text);
const day = (date: Date) => date.toISOString().slice(0, 10);

describe('acceptance: periods by their anchor', () => {
  it('start on the 31st, or on the last day of a shorter month, without drifting', () => {
    const starts = [];
    let next = at('2026-01-31T00:00:00Z');
    for (let n = 0; n < 5; n += 1) {
      const period = monthOf(31, next);
      starts.push(day(period.start));
      next = period.end;
    }

    expect(starts).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']);
  });

  it.each([
    [31, '2026-02-28T00:00:00Z', '2026-02-28', '2026-03-31'],
    [31, '2026-02-27T23:59:59.999Z', '2026-01-31', '2026-02-28'],
    [29, '2028-02-29T12:00:00Z', '2028-02-29', '2028-03-29'],
    [1, '2026-12-31T23:59:59Z', '2026-12-01', '2027-01-01'],
    [15, '2026-01-14T00:00:00Z', '2025-12-15', '2026-01-15'],
    [30, '2026-03-01T00:00:00Z', '2026-02-28', '2026-03-30'],
  ])('anchored on day %i hold %s from %s to %s', (anchor, when, start, end) => {
    const period = monthOf(anchor, at(when));

    expect([day(period.start), day(period.end)]).toEqual([start, end]);
  });

  it('of a day begin at midnight UTC', () => {
    expect(dayOf(at('2026-05-05T23:59:59.999Z'))).toEqual({
      start: at('2026-05-05T00:00:00Z'),
      end: at('2026-05-06T00:00:00Z'),
    });
  });

  it('keep the time of day of a term', () => {
    expect(intervalAfter(at('2026-01-31T09:30:00Z'), { unit: 'month' }, 31)).toEqual(at('2026-02-28T09:30:00Z'));
    expect(intervalAfter(at('2026-02-28T09:30:00Z'), { unit: 'month' }, 31)).toEqual(at('2026-03-31T09:30:00Z'));
    expect(intervalAfter(at('2028-02-29T00:00:00Z'), { unit: 'year' }, 29)).toEqual(at('2029-02-28T00:00:00Z'));
    expect(intervalAfter(at('2026-01-01T00:00:00Z'), { unit: 'days', days: 45 }, 1)).toEqual(
      at('2026-02-15T00:00:00Z'),
    );
  });
});

describe('acceptance: where a renewal counts from', () => {
  const expiresAt = at('2025-12-31T00:00:00Z');
  const ends = (now: string) =>
    (['from_expiry', 'from_now', 'from_now_if_expired'] as const).map((basis) =>
      day(renewed({ expiresAt, basis, anchorDay: 31 }, at(now), { unit: 'days', days: 30 }).end),
    );

  it('is the expiry or the day itself, as the basis says', () => {
    expect(ends('2026-01-10T00:00:00Z')).toEqual(['2026-01-30', '2026-02-09', '2026-02-09']);
    expect(ends('2025-12-20T00:00:00Z')).toEqual(['2026-01-30', '2026-01-19', '2026-01-30']);
  });

  it('is the expiry itself for one who renews at that very instant', () => {
    expect(ends('2025-12-31T00:00:00Z')).toEqual(['2026-01-30', '2026-01-30', '2026-01-30']);
  });

  it('goes on by the day that a term ends on, where that is not the anchor’s', () => {
    const end = (expires: string, anchorDay: number) =>
      renewed({ expiresAt: at(expires), basis: 'from_expiry', anchorDay }, at('2025-01-01T00:00:00Z'), {
        unit: 'month',
      }).end;

    expect(end('2026-02-28T00:00:00Z', 31)).toEqual(at('2026-03-31T00:00:00Z'));
    expect(end('2026-03-10T00:00:00Z', 15)).toEqual(at('2026-04-10T00:00:00Z'));
    expect(end('2026-01-31T00:00:00Z', 15)).toEqual(at('2026-02-28T00:00:00Z'));
  });

  it('moves the anchor only where the term begins anew', () => {
    const term = (basis: 'from_expiry' | 'from_now') =>
      renewed({ expiresAt, basis, anchorDay: 31 }, at('2026-01-10T00:00:00Z'), { unit: 'month' });

    expect(term('from_expiry')).toMatchObject({ anchorDay: 31, end: at('2026-01-31T00:00:00Z') });
    expect(term('from_now')).toMatchObject({ anchorDay: 10, end: at('2026-02-10T00:00:00Z') });
  });
});

describe('trying to renew', () => {
  const expiresAt = at('2026-06-10T00:00:00Z');
  const tried = (last: number | null, now: string) => attemptDue(expiresAt, 15, last, at(now))?.n ?? null;

  it('begins a day before the end and ends within the grace', () => {
    expect(attemptsOf(expiresAt, 15).map((attempt) => day(attempt.at))).toEqual([
      '2026-06-09',
      '2026-06-10',
      '2026-06-11',
      '2026-06-13',
      '2026-06-17',
      '2026-06-24',
    ]);
    expect(attemptsOf(expiresAt, 7).map(({ n }) => n)).toEqual([0, 1, 2, 3]);
    expect(attemptsOf(expiresAt, 0).map(({ n }) => n)).toEqual([0, 1]);
  });

  it('makes each try once, and of several that were missed the newest', () => {
    expect(tried(null, '2026-06-08T23:59:59Z')).toBeNull();
    expect(tried(null, '2026-06-09T00:00:00Z')).toBe(0);
    expect(tried(0, '2026-06-09T12:00:00Z')).toBeNull();
    expect(tried(0, '2026-06-14T00:00:00Z')).toBe(3);
    expect(tried(5, '2026-06-30T00:00:00Z')).toBeNull();
  });
});
