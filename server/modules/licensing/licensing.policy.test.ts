import { downgradeWarnings, effectiveState, graceMarks, nextLook, noticesOf, type Terms } from './licensing.policy';

const at = (text: string) => new Date(text);
const licence: Terms = {
  type: 'subscription',
  startsAt: at('2026-01-01T00:00:00Z'),
  expiresAt: at('2026-12-31T23:59:59Z'),
  graceDays: 15,
  suspendedAt: null,
  revokedAt: null,
};
const stateAt = (text: string, more: Partial<Terms> = {}) => effectiveState({ ...licence, ...more }, at(text)).state;

describe('acceptance: the state of a licence', () => {
  it.each([
    ['2025-12-31T23:59:59.999Z', 'not_started'],
    ['2026-01-01T00:00:00Z', 'active'],
    ['2026-12-31T23:59:58Z', 'active'],
    ['2026-12-31T23:59:59Z', 'grace'],
    ['2027-01-15T23:59:58Z', 'grace'],
    ['2027-01-15T23:59:59Z', 'expired'],
  ])('is at %s %s', (when, state) => {
    expect(stateAt(when)).toBe(state);
  });

  it('is told with when it ends by itself, and when it stopped working', () => {
    expect(effectiveState(licence, at('2026-12-01T00:00:00Z'))).toEqual({
      state: 'active',
      until: licence.expiresAt,
      lapsedAt: null,
      isExpiring: false,
    });
    expect(effectiveState(licence, at('2026-12-02T00:00:00Z')).isExpiring).toBe(true);
    expect(effectiveState(licence, at('2027-03-01T00:00:00Z'))).toMatchObject({
      until: null,
      lapsedAt: at('2027-01-15T23:59:59Z'),
    });
  });

  it('of a trial without grace goes from trial to expired', () => {
    const trial = { type: 'trial', graceDays: 0 } as const;

    expect(stateAt('2026-12-31T23:59:58Z', trial)).toBe('trial');
    expect(stateAt('2026-12-31T23:59:59Z', trial)).toBe('expired');
    expect(stateAt('2026-12-31T23:59:59Z', { ...trial, graceDays: 1 })).toBe('grace');
  });

  it('of a perpetual licence does not end, and revoked outweighs suspended outweighs all dates', () => {
    expect(stateAt('2100-01-01T00:00:00Z', { type: 'perpetual', expiresAt: null })).toBe('active');
    const suspended = { suspendedAt: at('2026-05-01T00:00:00Z') };
    expect(stateAt('2025-01-01T00:00:00Z', suspended)).toBe('suspended');
    expect(stateAt('2026-06-01T00:00:00Z', { ...suspended, revokedAt: at('2026-05-02T00:00:00Z') })).toBe('revoked');
  });

  it('under a clock that was set back is grace for 72 hours, then expired', () => {
    const hours = (n: number) => ({ tamperedMs: n * 3_600_000 });

    expect(stateAt('2026-05-01T00:00:00Z', hours(0))).toBe('grace');
    expect(stateAt('2026-05-01T00:00:00Z', hours(71.9))).toBe('grace');
    expect(stateAt('2026-05-01T00:00:00Z', hours(72))).toBe('expired');
    expect(stateAt('2026-05-01T00:00:00Z', { tamperedMs: null })).toBe('active');
  });
});

describe('telling what is to come', () => {
  const days = (marks: readonly { at: Date }[]) => marks.map((mark) => mark.at.toISOString().slice(0, 10));

  it('begins sixty days before the end of a year', () => {
    const notices = noticesOf(at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'));

    expect(notices.map((notice) => notice.days)).toEqual([60, 30, 14, 7, 3, 1, 0]);
    expect(days(notices)).toEqual([
      '2026-11-02',
      '2026-12-02',
      '2026-12-18',
      '2026-12-25',
      '2026-12-29',
      '2026-12-31',
      '2027-01-01',
    ]);
  });

  it('of a fortnight’s trial does not speak of what is longer than the trial', () => {
    expect(noticesOf(at('2026-03-01T00:00:00Z'), at('2026-03-15T00:00:00Z')).map((notice) => notice.days)).toEqual([
      7, 3, 1, 0,
    ]);
  });

  it('marks start, half, three days, one day and end of a grace', () => {
    const marks = graceMarks(at('2026-03-01T00:00:00Z'), 15);

    expect(marks.map(({ part }) => part)).toEqual(['start', 'half', 'three-days', 'one-day', 'end']);
    expect(marks.map((mark) => mark.at.toISOString())).toEqual([
      '2026-03-01T00:00:00.000Z',
      '2026-03-08T12:00:00.000Z',
      '2026-03-13T00:00:00.000Z',
      '2026-03-15T00:00:00.000Z',
      '2026-03-16T00:00:00.000Z',
    ]);
  });

  it('leaves out what a short grace has no room for, and tells what falls together once', () => {
    expect(graceMarks(at('2026-03-01T00:00:00Z'), 2).map(({ part }) => part)).toEqual(['start', 'half', 'end']);
    expect(graceMarks(at('2026-03-01T00:00:00Z'), 6).map(({ part }) => part)).toEqual([
      'start',
      'half',
      'one-day',
      'end',
    ]);
    expect(graceMarks(at('2026-03-01T00:00:00Z'), 0)).toEqual([]);
  });

  it('warns of a smaller plan thirty days, seven and one before', () => {
    expect(days(downgradeWarnings(at('2026-03-31T00:00:00Z')))).toEqual(['2026-03-01', '2026-03-24', '2026-03-30']);
  });

  it('looks again at the next of all that comes, and never where nothing does', () => {
    const look = (more: object, now: string) =>
      nextLook(
        { ...licence, termStart: licence.startsAt, nextPlanAt: null, overrideEnds: [], ...more },
        at(now),
      )?.toISOString();

    expect(look({}, '2026-12-31T12:00:00Z')).toBe('2026-12-31T23:59:59.000Z');
    expect(look({ overrideEnds: [at('2026-12-31T13:00:00Z')] }, '2026-12-31T12:00:00Z')).toBe(
      '2026-12-31T13:00:00.000Z',
    );
    expect(look({ expiresAt: null }, '2026-12-31T12:00:00Z')).toBeUndefined();
    expect(look({}, '2027-01-16T00:00:00Z')).toBeUndefined();
  });
});
