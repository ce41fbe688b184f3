import type { Direction, Verification } from '@loro/contracts/attendance-values';
import { type DayFacts, judgeDay } from './day.policy';
import { occurrenceOf } from './occurrences.policy';
import type { DayPunch } from './pairing.policy';
import { PLAIN, type Template } from './schedule.policy';

const DATE = '2026-07-13';
const ms = (text: string): number => Date.parse(`${text.length === 5 ? `${DATE}T${text}` : text}:00Z`);
const zone = { zoneOf: () => 'UTC' };
/** Everybody has said what there is to say. */
const LATER = ms('2026-07-14T08:00');

const punchesOf = (text: string, verification: Verification = 'verified'): DayPunch[] =>
  text === ''
    ? []
    : text.split(', ').map((one, index) => {
        const [direction = 'in', time = '08:00'] = one.split(' ');
        const punch = { direction: direction as Direction, atMs: ms(time), verification };
        return { ...punch, id: `p${index}`, isConfirmed: false, localDate: DATE };
      });

interface Given extends Partial<DayFacts> {
  readonly shift?: Partial<Template>;
}

const judge = (punches: string, { shift, ...given }: Given = {}) => {
  const template = { ...PLAIN, shiftId: 'S', ...shift };
  const facts: DayFacts = {
    date: DATE,
    zone: 'UTC',
    occurrence: occurrenceOf(DATE, template, zone),
    template,
    source: 'user',
    isOff: false,
    holiday: null,
    leave: [],
    isExcused: false,
    punches: punchesOf(punches),
    evidence: new Map(),
    signs: [],
    rules: { requireVerified: false, strictAbsent: false, absenceAlertMin: 30 },
    dateEndsMs: ms('2026-07-14T00:00'),
    nowMs: LATER,
    ...given,
  };
  return judgeDay(facts);
};
const whole = [{ milliDays: 1_000, half: null, typeCode: 'annual', requestId: 'R' }];
const half = (which: 'first' | 'second') => [{ milliDays: 500, half: which, typeCode: 'annual', requestId: 'R' }];

describe('acceptance: what a day was, the first that holds (I.2)', () => {
  it.each([
    ['', { leave: whole }, 'on_leave', []],
    ['in 08:00, out 17:00', { leave: whole }, 'present', ['leave_conflict', 'worked_on_leave']],
    ['in 08:00, out 09:00', { leave: whole }, 'present', ['leave_conflict']],
    ['', { holiday: { name: 'A day', portion: 'full' } }, 'holiday', []],
    ['in 08:00, out 09:00', { holiday: { name: 'A day', portion: 'full' } }, 'present', []],
    ['', { occurrence: null, isOff: true }, 'weekly_off', []],
    ['in 08:00, out 09:00', { occurrence: null, isOff: true }, 'present', ['unscheduled']],
    ['in 08:00', {}, 'incomplete', ['auto_closed', 'missing_out']],
    ['out 17:00', {}, 'incomplete', ['missing_in']],
    ['in 13:00, out 17:00', { leave: half('first') }, 'present', []],
    ['in 08:00, out 17:00', {}, 'present', []],
    ['in 08:00, out 15:00', {}, 'present', []],
    ['in 08:00, out 14:59', {}, 'half_day', []],
    ['in 08:00, out 12:00', {}, 'half_day', []],
    ['in 08:00, out 11:59', {}, 'half_day', ['short_day']],
    ['', { isExcused: true }, 'excused', []],
    ['', {}, 'absent', []],
  ] satisfies [string, Given, string, string[]][])('%j with %j is %s %j', (punches, given, status, flags) => {
    const day = judge(punches, given);

    expect({ status: day.status, flags: [...day.flags].toSorted() }).toEqual({ status, flags });
  });

  it('is remote where all punches are, and absent for a short time where the organisation is strict', () => {
    const strict = { requireVerified: false, strictAbsent: true, absenceAlertMin: 30 };

    expect(judge('', { punches: punchesOf('in 08:00, out 17:00', 'remote') }).status).toBe('remote');
    expect(judge('in 08:00, out 09:00', { rules: strict }).status).toBe('absent');
  });

  it('is absent half an hour after its window, and not before', () => {
    expect(judge('', { nowMs: ms('21:29') }).status).toBe('expected');
    expect(judge('', { nowMs: ms('21:30') }).status).toBe('absent');
  });

  it('says nothing of a date without a plan and without punches', () => {
    expect(judge('', { occurrence: null, source: 'none' }).status).toBeNull();
  });
});

describe('who is late, and who leaves early', () => {
  const lateness = (punches: string, given: Given = {}) => {
    const { lateSec, earlySec } = judge(punches, given);
    return [lateSec / 60, earlySec / 60];
  };

  it('is so by the whole time once it is more than the grace', () => {
    expect(lateness('in 08:15, out 16:45')).toEqual([0, 0]);
    expect(lateness('in 08:16, out 16:44')).toEqual([16, 16]);
    expect(lateness('in 07:30, out 18:00')).toEqual([0, 0]);
  });

  it('is not so on leave, on holidays and without a shift', () => {
    expect(lateness('in 10:00, out 12:00', { leave: whole })).toEqual([0, 0]);
    expect(lateness('in 10:00, out 12:00', { holiday: { name: 'A day', portion: 'full' } })).toEqual([0, 0]);
    expect(lateness('in 10:00, out 12:00', { occurrence: null, isOff: true })).toEqual([0, 0]);
  });

  it('is measured from the middle of the shift after half a day of leave', () => {
    expect(lateness('in 12:30, out 17:00', { leave: half('first') })).toEqual([0, 0]);
    expect(lateness('in 13:00, out 17:00', { leave: half('first') })).toEqual([30, 0]);
    expect(lateness('in 08:00, out 12:30', { leave: half('second') })).toEqual([0, 0]);
  });

  it('goes by rounded punches where the shift rounds them', () => {
    const rounding = { mode: 'nearest', stepMin: 15, applyTo: 'punch' } as const;

    expect(lateness('in 08:22, out 17:00', { shift: { rounding } })).toEqual([0, 0]);
    expect(lateness('in 08:23, out 17:00', { shift: { rounding } })).toEqual([30, 0]);
  });
});

describe('a day that nobody ended', () => {
  const seen = (text: string | null) => new Map([['p0', text === null ? null : ms(text)]]);

  it('is closed at the last sign of life, and at the scheduled end without one', () => {
    expect(judge('in 08:00', { evidence: seen('15:20') })).toMatchObject({ workedSec: 26_400, status: 'incomplete' });
    expect(judge('in 08:00', { evidence: seen(null) })).toMatchObject({ workedSec: 32_400, status: 'incomplete' });
  });

  it('is never paid beyond its scheduled end', () => {
    expect(judge('in 08:00', { evidence: seen('19:00') }).workedSec).toBe(32_400);
    expect(judge('in 18:00').workedSec).toBe(0);
  });

  it('is open until its window ends, and its person is at work', () => {
    const day = judge('in 08:00', { nowMs: ms('20:59'), evidence: seen('15:20') });

    expect(day).toMatchObject({ workedSec: 0, status: 'present', openSinceMs: ms('08:00') });
    expect([...day.flags]).toEqual(['in_progress']);
  });

  it('is worth nothing without a shift and without a sign of life', () => {
    const late = ms('2026-07-15T08:00');

    expect(judge('in 08:00', { occurrence: null, source: 'none', nowMs: late }).workedSec).toBe(0);
    expect(
      judge('in 08:00', { occurrence: null, source: 'none', nowMs: late, evidence: seen('10:00') }).workedSec,
    ).toBe(7_200);
  });
});

describe('time that nobody verified', () => {
  const rules = { requireVerified: true, strictAbsent: false, absenceAlertMin: 30 };

  it('waits where the organisation asks for verified punches', () => {
    const day = judge('', { punches: punchesOf('in 08:00, out 17:00', 'unverified'), rules });

    expect(day).toMatchObject({ workedSec: 0, pendingSec: 32_400, status: 'incomplete' });
  });

  it('counts once somebody confirmed it, or where it was remote', () => {
    const confirmed = punchesOf('in 08:00, out 17:00', 'failed').map((punch) => ({ ...punch, isConfirmed: true }));

    expect(judge('', { punches: confirmed, rules }).workedSec).toBe(32_400);
    expect(judge('', { punches: punchesOf('in 08:00, out 17:00', 'remote'), rules }).workedSec).toBe(32_400);
    expect(judge('', { punches: punchesOf('in 08:00, out 17:00', 'unverified') }).workedSec).toBe(32_400);
  });
});

it('is missed once the grace and half an hour are over, and looked at again then', () => {
  expect(judge('', { nowMs: ms('08:44') })).toMatchObject({ isMissing: false, nextMs: ms('08:45') });
  expect(judge('', { nowMs: ms('08:45') })).toMatchObject({ isMissing: true, nextMs: ms('17:00') });
  expect(judge('in 08:40', { nowMs: ms('08:45') }).isMissing).toBe(false);
  expect(judge('', { nowMs: ms('08:45'), leave: whole }).isMissing).toBe(false);
});
