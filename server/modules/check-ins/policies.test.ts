import { weightOfSpeed, type FraudFacts, isPlain, leastSpeed, scoreOf, signalsOf } from './fraud.policy';
import { decide, intake, type IntakeFacts, type IntakeRule, refusalOfReading } from './intake.policy';
import { settingsFor } from './rules.policy';
import { counts, stepFrom } from './states.policy';

const innocent: FraudFacts = {
  mock: false,
  isEmulator: false,
  isAttestationFailed: false,
  isRooted: false,
  isSignatureValid: null,
  isPhotoReused: false,
  isIpCountryOther: false,
  isZoneOther: false,
  isClockSkewed: false,
  isDeviceShared: false,
  readings: [],
  motion: { altitude: null, speed: null, heading: null },
  fenceCentre: null,
  now: null,
  last: null,
};
const score = (facts: Partial<FraudFacts>): number => scoreOf(signalsOf({ ...innocent, ...facts }));
const fixed = (count: number, accuracy?: number) =>
  Array.from({ length: count }, () => ({ lat: -26.107567, lng: 28.056702, accuracy }));
const at = (iso: string): number => Date.parse(iso);
const johannesburg = { lat: -26.2041, lng: 28.0473 };
const capeTown = { lat: -33.9249, lng: 18.4241 };

describe('acceptance: the score of signs that speak against a check-in', () => {
  it.each([
    ['nothing', {}, 0],
    ['a place that the phone says is made up', { mock: true }, 100],
    ['an emulator', { isEmulator: true }, 90],
    ['failed attestation', { isAttestationFailed: true }, 60],
    ['a rooted phone alone', { isRooted: true }, 25],
    ['another country and another zone', { isIpCountryOther: true, isZoneOther: true }, 51],
    ['a clock that is wrong', { isClockSkewed: true }, 20],
    ['a wrong signature', { isSignatureValid: false }, 100],
    ['a right signature', { isSignatureValid: true }, 0],
    ['somebody else on the same phone', { isDeviceShared: true }, 40],
    ['a photo that was used before', { isPhotoReused: true }, 50],
    ['no motion at all, to the last digit', { motion: { altitude: 0, speed: 0, heading: 0 } }, 15],
    ['standing still at sea', { motion: { altitude: 0, speed: 0, heading: null } }, 0],
    ['four frozen readings', { readings: fixed(4) }, 0],
    ['five frozen readings', { readings: fixed(5) }, 50],
    ['five frozen readings of one accuracy', { readings: fixed(5, 8) }, 60],
    [
      'frozen and exactly in the middle of the fence',
      { readings: fixed(5), now: { ...johannesburg, atMs: 0 }, fenceCentre: johannesburg },
      68,
    ],
  ])('of %s', (_what, facts, expected) => {
    expect(score(facts)).toBe(expected);
  });

  it('weighs 1 261.6 km in half an hour as 0.8, and 400 km/h as 0.16', () => {
    const seen = { ...johannesburg, atMs: at('2026-11-25T08:00:00Z') };
    const now = { ...capeTown, atMs: at('2026-11-25T08:30:00Z') };

    expect(Math.round((leastSpeed(seen, now) ?? 0) * 3.6)).toBe(2_523);
    expect(score({ last: seen, now })).toBe(80);
    expect(weightOfSpeed(400)).toBeCloseTo(0.16);
    expect([250, 625, 1_000, 9_999].map(weightOfSpeed)).toEqual([0, 0.4, 0.8, 0.8]);
  });

  it('takes two readings of one moment for one, and looks back six hours at most', () => {
    const now = { ...capeTown, atMs: at('2026-11-25T12:00:00Z') };
    const before = (iso: string) => ({ ...johannesburg, atMs: at(iso) });

    expect(leastSpeed(before('2026-11-25T12:00:00Z'), now)).toBeNull();
    expect(leastSpeed(before('2026-11-25T05:59:59Z'), now)).toBeNull();
    expect(leastSpeed(before('2026-11-25T06:00:00Z'), now)).not.toBeNull();
  });

  it('gives both readings the benefit of their doubt', () => {
    const seen = { ...johannesburg, accuracy: 600_000, atMs: at('2026-11-25T08:00:00Z') };
    const now = { ...capeTown, accuracy: 700_000, atMs: at('2026-11-25T08:30:00Z') };

    expect(leastSpeed(seen, now)).toBe(0);
  });

  it('lets only what is plain turn somebody away at once', () => {
    const signs = (facts: Partial<FraudFacts>) => isPlain(signalsOf({ ...innocent, ...facts }));

    expect([signs({ mock: true }), signs({ isEmulator: true }), signs({ isSignatureValid: false })]).toEqual([
      true,
      true,
      true,
    ]);
    expect(signs({ isRooted: true, isAttestationFailed: true, isDeviceShared: true, readings: fixed(9, 3) })).toBe(
      false,
    );
  });
});

const required: IntakeRule = { fence: 'required', onUncertain: 'review', onSpoof: 'review', hardBlock: true };
const plainDay: IntakeFacts = {
  live: true,
  source: 'server',
  isUnsure: false,
  isLate: false,
  isSkewed: false,
  timeRefusal: null,
  decision: 'inside',
  hasNoFence: false,
  isInaccurate: false,
  score: 0,
  plainSign: null,
  isPeriodLocked: false,
  doubts: [],
};
const outcome = (facts: Partial<IntakeFacts>, rule: Partial<IntakeRule> = {}): string => {
  const verdict = intake({ ...plainDay, ...facts }, { ...required, ...rule });
  return 'refused' in verdict ? verdict.refused : [verdict.status, ...verdict.reasons].join(' ');
};
const offline = { live: false, source: 'trusted' } as const;

describe('acceptance: what becomes of a check-in (table I.3)', () => {
  it.each<[string, Partial<IntakeFacts>, Partial<IntakeRule>, string]>([
    ['online, inside', {}, {}, 'accepted'],
    ['online, uncertain, accept', { decision: 'uncertain' }, { onUncertain: 'accept' }, 'accepted'],
    ['online, uncertain, review', { decision: 'uncertain' }, {}, 'flagged uncertain'],
    ['online, uncertain, reject', { decision: 'uncertain' }, { onUncertain: 'reject' }, 'OUTSIDE_GEOFENCE'],
    ['online, outside, required', { decision: 'outside', score: 99 }, {}, 'OUTSIDE_GEOFENCE'],
    ['online, outside, advisory', { decision: 'outside' }, { fence: 'advisory' }, 'accepted'],
    ['score 29', { score: 29 }, {}, 'accepted'],
    ['score 30', { score: 30 }, {}, 'flagged spoof'],
    ['score 59', { score: 59 }, { onSpoof: 'reject' }, 'flagged spoof'],
    ['score 60, review', { score: 60 }, {}, 'flagged spoof'],
    ['score 60, reject', { score: 60 }, { onSpoof: 'reject' }, 'rejected spoof'],
    ['a made-up place', { score: 100, plainSign: 'mock' }, {}, 'MOCK_LOCATION'],
    ['an emulator', { score: 90, plainSign: 'device' }, {}, 'DEVICE_UNSOUND'],
    ['a made-up place, stored', { score: 100, plainSign: 'mock' }, { hardBlock: false }, 'rejected spoof'],
    ['offline, trusted', offline, {}, 'accepted'],
    ['offline, trusted, late', { ...offline, isLate: true }, {}, 'accepted late_upload'],
    ['offline, sure enough', { live: false, source: 'bounded' }, {}, 'accepted'],
    ['offline, unsure', { live: false, source: 'bounded', isUnsure: true }, {}, 'flagged unsure_time'],
    ['offline, uncertain', { ...offline, decision: 'uncertain' }, { onUncertain: 'accept' }, 'flagged uncertain'],
    ['offline, too old', { ...offline, timeRefusal: 'CHECKIN_TOO_OLD' }, {}, 'CHECKIN_TOO_OLD'],
    ['offline, elsewhere', { ...offline, decision: 'outside' }, {}, 'rejected outside'],
    ['offline, elsewhere, advisory', { ...offline, decision: 'outside' }, { fence: 'advisory' }, 'accepted'],
    ['in a locked period', { ...offline, isPeriodLocked: true }, {}, 'flagged period_locked'],
    ['a second in', { ...offline, doubts: ['double_in'] }, {}, 'flagged double_in'],
  ])('%s', (_what, facts, rule, expected) => {
    expect(outcome(facts, rule)).toBe(expected);
  });
});

describe('a reading of the place', () => {
  const rule = { fence: 'required', maxAccuracyM: 100 } as const;
  const good = { lat: -26.1, lng: 28, accuracy: 100, ageMs: 120_000 };
  const live = { live: true, forceReview: false };

  it('is taken up to two minutes old and as exact as the rule asks', () => {
    expect(refusalOfReading(good, rule, live)).toBeNull();
    expect(refusalOfReading({ ...good, ageMs: 120_001 }, rule, live)).toBe('LOCATION_STALE');
    expect(refusalOfReading({ ...good, accuracy: 101 }, rule, live)).toBe('LOCATION_TOO_INACCURATE');
    expect(refusalOfReading({ ...good, lat: 0, lng: 0 }, rule, live)).toBe('LOCATION_INVALID');
    expect(refusalOfReading({ ...good, lat: 0 }, rule, live)).toBeNull();
    expect(refusalOfReading(null, rule, live)).toBe('LOCATION_REQUIRED');
    expect(refusalOfReading(null, { ...rule, fence: 'none' }, live)).toBeNull();
  });

  it('that stays poor goes to a reviewer where the person insists', () => {
    expect(refusalOfReading({ ...good, accuracy: 400 }, rule, { live: true, forceReview: true })).toBeNull();
    expect(outcome({ isInaccurate: true })).toBe('flagged inaccurate');
  });

  it('is inside from 0.85 on, outside up to 0.15, and uncertain between', () => {
    const by = { fence: 'required', acceptP: 0.85, rejectP: 0.15 } as const;
    expect([0.85, 0.849, 0.151, 0.15].map((p) => decide(p, by))).toEqual([
      'inside',
      'uncertain',
      'uncertain',
      'outside',
    ]);
    expect([decide(null, by), decide(0.5, { ...by, fence: 'none' })]).toEqual(['not-required', 'not-required']);
  });
});

describe('the states of a check-in', () => {
  it('lead where the reviewer says, and nowhere else', () => {
    expect(stepFrom('flagged', 'review-accept')).toBe('accepted');
    expect(stepFrom('flagged', 'review-reject')).toBe('rejected');
    expect(stepFrom('rejected', 'review-accept')).toBe('accepted');
    expect(stepFrom('accepted', 'review-reject')).toBeNull();
    expect(stepFrom('accepted', 'supersede')).toBe('superseded');
    expect(stepFrom('redacted', 'void')).toBeNull();
    expect(stepFrom('voided', 'redact')).toBe('redacted');
  });

  it('feed attendance when accepted, and flagged ones where the rule pays meanwhile', () => {
    expect([counts('accepted', false), counts('flagged', true)]).toEqual([true, true]);
    expect([counts('flagged', false), counts('rejected', true), counts('voided', true)]).toEqual([false, false, false]);
  });
});

describe('rules', () => {
  const scope = { type: 'office', chain: ['shop', 'region'], roles: ['staff'] } as const;
  const rule = (settings: object, branchId: string | null = null, role: string | null = null) => ({
    type: 'office',
    branchId,
    role,
    settings,
  });

  it('of a type are its own where nobody said otherwise', () => {
    expect(settingsFor([], scope)).toMatchObject({ fence: 'required', needsPair: true, offlineMaxHours: 72 });
    expect(settingsFor([], { ...scope, type: 'remote' })).toMatchObject({ fence: 'none' });
    expect(settingsFor([], { ...scope, type: 'client-visit' })).toMatchObject({ fence: 'advisory' });
  });

  it('nearer ones win, and change only what they name', () => {
    const rules = [
      rule({ maxAccuracyM: 10 }, 'shop'),
      rule({ maxAccuracyM: 50, photo: 'always' }),
      rule({ maxAccuracyM: 30, onSpoof: 'reject' }, 'region'),
      rule({ minSecondsBetween: 5 }, null, 'manager'),
      rule({ minSecondsBetween: 9 }, null, 'staff'),
      rule({ maxAccuracyM: 1 }, 'elsewhere'),
    ];

    expect(settingsFor(rules, scope)).toMatchObject({
      maxAccuracyM: 10,
      photo: 'always',
      onSpoof: 'reject',
      minSecondsBetween: 9,
    });
  });
});
