import { OvertimeRules } from '@loro/contracts/attendance-overtime';
import type { Direction } from '@loro/contracts/attendance-values';
import { addDays, weekdayOf } from '../../platform';
import { computePerson, type DateFacts, type PersonFacts, spanAround } from './compute.policy';
import { occurrenceOf } from './occurrences.policy';
import type { DayPunch } from './pairing.policy';
import { datesBetween } from './places.service';
import { overlapOf, PLAIN, type Template, type Timed } from './schedule.policy';

const ZONE = 'Africa/Johannesburg';
const calendar = { zoneOf: () => ZONE };
const shift = (startLocal: string, endLocal: string, some: Partial<Template> = {}): Template => ({
  ...PLAIN,
  shiftId: `${startLocal}-${endLocal}`,
  startLocal,
  endLocal,
  ...some,
});
const rules = { requireVerified: false, strictAbsent: false, absenceAlertMin: 30 };

type Plan = (date: string) => readonly Template[];
const weekdays: Plan = (date) => (weekdayOf(date) <= 5 ? [shift('08:00', '17:00')] : []);

const dateFacts = (date: string, plan: Plan): DateFacts => ({
  date,
  branchId: null,
  zone: ZONE,
  endsMs: Date.parse(`${addDays(date, 1)}T00:00:00+02:00`),
  source: 'user',
  isOff: plan(date).length === 0,
  occurrences: plan(date).map((template) => occurrenceOf(date, template, calendar)),
  holiday: null,
  leave: [],
  isExcused: false,
  rules,
  allowedSec: 0,
});

const punch = (text: string, id: string): DayPunch => {
  const [direction = 'in', date = '', time = ''] = text.split(' ');
  const atMs = Date.parse(`${date}T${time}:00+02:00`);
  return { id, atMs, direction: direction as Direction, verification: 'verified', isConfirmed: false, localDate: date };
};
const punchesOf = (...texts: string[]): DayPunch[] => texts.map((text, index) => punch(text, `p${index}`));

const factsOf = (
  punches: readonly DayPunch[],
  plan: Plan = weekdays,
  some: Partial<PersonFacts> = {},
): PersonFacts => ({
  dates: datesBetween('2026-07-10', '2026-07-21').map((date) => dateFacts(date, plan)),
  punches,
  evidence: new Map(),
  policies: new Map(),
  defaultPolicyId: null,
  approvals: new Map(),
  nowMs: Date.parse('2026-07-25T00:00:00Z'),
  ...some,
});
const WEEK = ['2026-07-12', '2026-07-19'] as const;
const compute = (facts: PersonFacts) => computePerson(facts, ...WEEK);
const minutesBy = (facts: PersonFacts) =>
  Object.fromEntries(
    compute(facts).flatMap(({ slot, judged }) => (judged.workedSec > 0 ? [[slot, judged.workedSec / 60]] : [])),
  );

describe('acceptance: which punch belongs to which shift (2)', () => {
  const night = shift('18:00', '07:00');
  const evening = shift('14:00', '20:00');

  it('gives the morning after to the night shift, and not to the evening that follows', () => {
    const plan: Plan = (date) => (date === '2026-07-13' ? [night] : date === '2026-07-14' ? [evening] : []);
    const facts = factsOf(punchesOf('in 2026-07-13 18:30', 'out 2026-07-14 07:10'), plan);
    const rows = compute(facts).filter(({ occurrence }) => occurrence !== null);

    expect(
      rows.map(({ facts: { date }, judged, punches }) => [date, judged.workedSec / 60, judged.status, punches.length]),
    ).toEqual([
      ['2026-07-13', 760, 'present', 2],
      ['2026-07-14', 0, 'absent', 0],
    ]);
  });

  it('gives an in to the shift whose start is nearest, and of two to the later', () => {
    const plan: Plan = (date) =>
      date === '2026-07-14' ? [shift('06:00', '10:00'), shift('10:00', '14:00', { windowBeforeMin: 240 })] : [];
    const at = (time: string) => minutesBy(factsOf(punchesOf(`in 2026-07-14 ${time}`, 'out 2026-07-14 12:00'), plan));

    expect(at('07:59')).toEqual({ '2026-07-14 06:00-10:00': 241 });
    expect(at('08:00')).toEqual({ '2026-07-14 10:00-14:00': 240 });
  });

  it('gives what no window holds to no shift', () => {
    expect(minutesBy(factsOf(punchesOf('in 2026-07-18 09:00', 'out 2026-07-18 11:00')))).toEqual({
      '2026-07-18 none': 120,
    });
  });

  it('gives an out to the open in, and asks for a correction where that is too long ago', () => {
    const rows = compute(factsOf(punchesOf('in 2026-07-13 08:00', 'out 2026-07-14 09:00')));
    const of = (date: string) => rows.find(({ facts }) => facts.date === date);

    expect(of('2026-07-13')).toMatchObject({ flags: ['auto_closed', 'too_long'], judged: { status: 'incomplete' } });
    // Who came and forgot to say so was not absent.
    expect(of('2026-07-14')).toMatchObject({ flags: ['missing_in'], judged: { status: 'incomplete' } });
  });

  it('lets the next morning begin a new day where somebody forgot to leave', () => {
    const texts = ['in 2026-07-13 08:00', 'auto 2026-07-14 08:00', 'auto 2026-07-14 17:00'];

    expect(minutesBy(factsOf(punchesOf(...texts)))).toEqual({
      '2026-07-13 08:00-17:00': 540,
      '2026-07-14 08:00-17:00': 540,
    });
  });
});

describe('visits', () => {
  const visit = (text: string, id: string): DayPunch => ({ ...punch(text, id), isVisit: true });

  it('happen within a day’s work, and change nothing of it', () => {
    const office = punchesOf('in 2026-07-13 08:02', 'out 2026-07-13 17:02');
    const visits = [visit('in 2026-07-13 09:15', 'v1'), visit('out 2026-07-13 10:05', 'v2')];

    expect(minutesBy(factsOf([...office, ...visits]))).toEqual({ '2026-07-13 08:00-17:00': 540 });
  });

  it('are what was worked where nothing else was punched, and a sign of life where nobody left', () => {
    const visits = [visit('in 2026-07-13 09:15', 'v1'), visit('out 2026-07-13 10:05', 'v2')];

    expect(minutesBy(factsOf(visits))).toEqual({ '2026-07-13 08:00-17:00': 50 });
    expect(minutesBy(factsOf([punch('in 2026-07-13 08:05', 'p'), ...visits]))).toEqual({
      '2026-07-13 08:00-17:00': 120,
    });
  });
});

/** A generator of its own, so that every run sees the same cases. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

describe('acceptance: a day is a function of its facts (A15)', () => {
  const directions: Direction[] = ['in', 'out', 'break_start', 'break_end', 'auto'];
  const policy = {
    id: 'P',
    rules: OvertimeRules.parse({
      dailyMin: 480,
      dailyDoubleMin: 720,
      weeklyMin: 2_400,
      dailyBasis: 'workday',
      requireApproval: false,
    }),
  };

  it('whatever the order of the punches, and however often they come', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = numbers(seed);
      const next = (below: number): number => Math.floor(random.next().value * below);
      const punches = Array.from({ length: 3 + next(25) }, (_, index): DayPunch => {
        const atMs = Date.parse('2026-07-12T00:00:00Z') + next(7 * 24 * 60) * 60_000;
        const localDate = new Date(atMs + 7_200_000).toISOString().slice(0, 10);
        return {
          id: `p${index}`,
          atMs,
          direction: directions[next(5)] ?? 'in',
          verification: 'verified',
          isConfirmed: false,
          localDate,
        };
      });
      const some = { policies: new Map([['P', policy]]), defaultPolicyId: 'P' };
      const once = compute(factsOf(punches, weekdays, some));
      const shuffled = punches.map((one) => ({ one, key: random.next().value })).toSorted((a, b) => a.key - b.key);
      const twice = [
        ...shuffled.map(({ one }) => one),
        ...punches.slice(0, next(10)).map((one) => ({ ...one, id: `q${one.id}` })),
      ];
      const again = compute(factsOf(twice, weekdays, some));

      expect(again.map(({ inputsHash }) => inputsHash)).toEqual(once.map(({ inputsHash }) => inputsHash));
      expect(again.map(({ judged }) => judged.workedSec)).toEqual(once.map(({ judged }) => judged.workedSec));
    }
  });

  it('and the thousandth time it is what it was the first', () => {
    const facts = factsOf(punchesOf('in 2026-07-13 08:03', 'out 2026-07-13 17:00', 'in 2026-07-14 08:00'));
    const first = JSON.stringify(
      compute(facts).map(({ inputsHash, judged }) => [inputsHash, judged.status, judged.workedSec]),
    );

    for (let time = 0; time < 1_000; time += 1)
      expect(
        JSON.stringify(compute(facts).map(({ inputsHash, judged }) => [inputsHash, judged.status, judged.workedSec])),
      ).toBe(first);
  });

  it('never pays a second twice', () => {
    const hours = ['2026-07-13', '2026-07-14', '2026-07-15', '2026-07-16', '2026-07-17', '2026-07-18'];
    const punches = punchesOf(...hours.flatMap((date) => [`in ${date} 06:00`, `out ${date} 19:30`]));
    const long: Plan = () => [shift('06:00', '19:30')];
    const rows = compute(factsOf(punches, long, { policies: new Map([['P', policy]]), defaultPolicyId: 'P' }));
    const sum = (pick: (row: (typeof rows)[number]) => number): number =>
      rows.reduce((total, row) => total + pick(row), 0);

    expect(sum(({ regularSec, ot1Sec, ot2Sec }) => regularSec + ot1Sec + ot2Sec)).toBe(
      sum(({ judged }) => judged.workedSec),
    );
    expect(
      [sum(({ regularSec }) => regularSec), sum(({ ot1Sec }) => ot1Sec), sum(({ ot2Sec }) => ot2Sec)].map(
        (sec) => sec / 3_600,
      ),
    ).toEqual([40, 32, 9]);
  });

  it('holds overtime back until somebody approves it', () => {
    const asks = { id: 'P', rules: OvertimeRules.parse({ dailyMin: 480 }) };
    const punches = punchesOf('in 2026-07-13 08:00', 'out 2026-07-13 18:00');
    const some = { policies: new Map([['P', asks]]), defaultPolicyId: 'P' };
    const of = (more: Partial<PersonFacts>) =>
      compute(factsOf(punches, weekdays, { ...some, ...more })).find(({ facts }) => facts.date === '2026-07-13');
    const approvals = new Map([['2026-07-13 08:00-17:00', { ot1Sec: 3_600, ot2Sec: 0 }]]);

    expect(of({})).toMatchObject({ regularSec: 28_800, ot1Sec: 0, otUnapprovedSec: 7_200 });
    expect(of({ approvals })).toMatchObject({ regularSec: 28_800, ot1Sec: 3_600, otUnapprovedSec: 3_600 });
  });

  it('flags too much overtime of a week, and too little rest', () => {
    const strict = {
      id: 'P',
      rules: OvertimeRules.parse({ dailyMin: 480, maxPerWeekMin: 120, minRestMin: 660, requireApproval: false }),
    };
    const punches = punchesOf(
      'in 2026-07-13 08:00',
      'out 2026-07-13 18:00',
      'in 2026-07-14 08:00',
      'out 2026-07-14 22:00',
      'in 2026-07-15 08:00',
      'out 2026-07-15 17:00',
    );
    const plan: Plan = (date) => (weekdayOf(date) <= 5 ? [shift('08:00', '22:00')] : []);
    const rows = compute(factsOf(punches, plan, { policies: new Map([['P', strict]]), defaultPolicyId: 'P' }));
    const flags = Object.fromEntries(
      rows.filter(({ flags: some }) => some.length > 0).map((row) => [row.facts.date, row.flags]),
    );

    expect(flags).toEqual({ '2026-07-14': ['ot_cap_exceeded'], '2026-07-15': ['ot_cap_exceeded', 'rest_short'] });
  });
});

it('computes whole weeks around a date', () => {
  expect(spanAround('2026-07-15', '2026-07-15', [1])).toEqual({ from: '2026-07-13', to: '2026-07-19' });
  expect(spanAround('2026-07-13', '2026-07-13', [1])).toEqual({ from: '2026-07-06', to: '2026-07-19' });
  expect(spanAround('2026-07-15', '2026-07-15', [1, 7])).toEqual({ from: '2026-07-12', to: '2026-07-19' });
});

describe('two plans of the same people', () => {
  const timed = (startLocal: string, endLocal: string, some: Partial<Timed> = {}): Timed => ({
    id: startLocal,
    shiftId: startLocal,
    from: '2026-07-01',
    to: null,
    cycle: null,
    startLocal,
    endLocal,
    ...some,
  });

  it('overlap where somebody would work twice at one time', () => {
    expect(overlapOf(timed('08:00', '17:00'), timed('16:59', '20:00'))).toBe('2026-07-01');
    expect(overlapOf(timed('22:00', '06:00'), timed('05:00', '12:00'))).not.toBeNull();
    expect(
      overlapOf(timed('08:00', '17:00', { to: '2026-07-10' }), timed('08:00', '17:00', { from: '2026-07-09' })),
    ).toBe('2026-07-09');
  });

  it('do not where they touch, or count on other dates', () => {
    expect(overlapOf(timed('08:00', '17:00'), timed('17:00', '20:00'))).toBeNull();
    expect(
      overlapOf(timed('08:00', '17:00', { to: '2026-07-10' }), timed('08:00', '17:00', { from: '2026-07-10' })),
    ).toBeNull();
    expect(overlapOf(timed('22:00', '06:00'), timed('06:00', '14:00'))).toBeNull();
  });

  it('are compared cycle by cycle', () => {
    const cycle = (days: ('on' | 'off')[]) => ({ cycle: { anchoredOn: '2026-07-01', days } });
    const early = timed('06:00', '14:00', cycle(['on', 'on', 'off', 'off']));

    expect(overlapOf(early, timed('06:00', '14:00', cycle(['off', 'off', 'on', 'on'])))).toBeNull();
    expect(overlapOf(early, timed('06:00', '14:00', cycle(['off', 'off', 'on'])))).toBe('2026-07-06');
    // The night of the last day off reaches into the first early shift.
    expect(overlapOf(early, timed('22:00', '07:00', cycle(['off', 'off', 'off', 'on'])))).not.toBeNull();
  });
});
