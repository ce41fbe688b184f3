import { dutyAfter, spansOf } from './duty.policy';
import { differenceHash, hamming, verdictOf } from './photo.policy';
import { momentOf, type TimeFacts } from './time.policy';
import { isInWindow, suggest, visitDue } from './visits.policy';

const at = (time: string): number => Date.parse(`2026-11-25T${time}Z`);
const facts: TimeFacts = {
  live: false,
  receivedMs: at('11:30:00'),
  claimMs: at('08:45:20'),
  monoMs: 5_520_000,
  sync: { serverMs: at('08:00:00'), monoMs: 1_000_000 },
  isSigned: true,
  beforeMs: null,
  afterMs: null,
  clockOffsetMs: 0,
  offlineMaxHours: 72,
};

describe('acceptance: the moment of a check-in', () => {
  it('is told by the steady clock of the phone, whatever its wall clock says', () => {
    const moment = momentOf(facts);

    expect(new Date(moment.occurredMs).toISOString()).toBe('2026-11-25T09:15:20.000Z');
    expect(moment).toMatchObject({ source: 'trusted', skewMs: -30 * 60_000, isSkewed: true, isLate: true });
    expect(moment).toMatchObject({ uncertaintyMs: 0, isUnsure: false, refusal: null });
  });

  it('online is when the hub hears of it', () => {
    expect(momentOf({ ...facts, live: true, claimMs: at('11:32:00') })).toMatchObject({
      occurredMs: facts.receivedMs,
      source: 'server',
      isSkewed: false,
      isLate: false,
    });
  });

  it('is not proved by a clock that nobody signed for', () => {
    expect(momentOf({ ...facts, isSigned: false })).toMatchObject({ source: 'bounded', occurredMs: at('08:45:20') });
  });

  it('after a restart is what the phone claims, put right and kept within what must be true', () => {
    const restarted = { ...facts, sync: null, beforeMs: at('09:00:00'), afterMs: at('09:08:00') };

    expect(momentOf({ ...restarted, claimMs: at('09:05:00') })).toMatchObject({
      source: 'bounded',
      occurredMs: at('09:05:00'),
      uncertaintyMs: 8 * 60_000,
      isUnsure: false,
    });
    expect(momentOf({ ...restarted, claimMs: at('09:35:00'), clockOffsetMs: 30 * 60_000 }).occurredMs).toBe(
      at('09:05:00'),
    );
    expect(momentOf({ ...restarted, claimMs: at('08:30:00') }).occurredMs).toBe(at('09:00:00'));
    expect(momentOf({ ...restarted, claimMs: at('10:30:00') }).occurredMs).toBe(at('09:08:00'));
    expect(momentOf({ ...restarted, afterMs: at('09:10:01') }).isUnsure).toBe(true);
    expect(momentOf({ ...restarted, afterMs: null }).uncertaintyMs).toBe(150 * 60_000);
  });

  it('may not lie ahead, nor back farther than the rule lets it', () => {
    const sync = { serverMs: at('11:30:00'), monoMs: 0 };

    expect(momentOf({ ...facts, sync, monoMs: 120_000 }).refusal).toBeNull();
    expect(momentOf({ ...facts, sync, monoMs: 120_001 }).refusal).toBe('CHECKIN_IN_FUTURE');
    const old = { ...facts, sync: { serverMs: at('11:30:00') - 72 * 3_600_000, monoMs: 0 } };
    expect(momentOf({ ...old, monoMs: 0 }).refusal).toBeNull();
    expect(momentOf({ ...old, sync: { ...old.sync, monoMs: 1 }, monoMs: 0 }).refusal).toBe('CHECKIN_TOO_OLD');
    expect(momentOf({ ...facts, sync: null, claimMs: at('11:33:00') }).refusal).toBe('CHECKIN_IN_FUTURE');
    expect(momentOf({ ...facts, sync: null, claimMs: at('11:30:00') - 73 * 3_600_000 }).refusal).toBe(
      'CHECKIN_TOO_OLD',
    );
  });

  it('that comes up to a quarter of an hour later is not late', () => {
    const moment = (claim: string) => momentOf({ ...facts, sync: null, claimMs: at(claim) }).isLate;
    expect([moment('11:15:00'), moment('11:14:59')]).toEqual([false, true]);
  });
});

describe('a photo', () => {
  const rising = Uint8Array.from({ length: 72 }, (_, index) => index % 9);
  const falling = Uint8Array.from({ length: 72 }, (_, index) => 9 - (index % 9));

  it('is known again by 64 comparisons of neighbours', () => {
    expect(differenceHash(rising)).toBe(0n);
    expect(differenceHash(falling)).toBe(0xffff_ffff_ffff_ffffn);
    const touched = Uint8Array.from(rising);
    touched[0] = 200;
    expect(hamming(differenceHash(rising), differenceHash(touched))).toBe(1);
    expect(hamming(0b1011n, 0b0110n)).toBe(3);
  });

  it('fits the place within 500 m and the moment within five minutes, where the camera says anything', () => {
    const fix = { lat: -26.107567, lng: 28.056702 };
    const near = { lat: -26.111, lng: 28.056702 };
    const far = { lat: -26.1125, lng: 28.056702 };
    const photo = { isDuplicate: false, exifPlace: near, exifAtMs: 300_000, fix, occurredMs: 0 };

    expect(verdictOf(photo)).toBe('ok');
    expect(verdictOf({ ...photo, exifPlace: far })).toBe('mismatch');
    expect(verdictOf({ ...photo, exifAtMs: 300_001 })).toBe('mismatch');
    expect(verdictOf({ ...photo, exifPlace: null, exifAtMs: null })).toBe('ok');
    expect(verdictOf({ ...photo, exifPlace: far, isDuplicate: true })).toBe('duplicate');
  });
});

describe('duty', () => {
  const when = (time: string): Date => new Date(at(time));
  const changes = [
    { at: when('08:00:00'), state: 'on' as const },
    { at: when('12:00:00'), state: 'break' as const },
    { at: when('12:30:00'), state: 'on' as const },
    { at: when('13:00:00'), state: 'away' as const },
    { at: when('17:00:00'), state: 'off' as const },
    { at: when('18:00:00'), state: 'on' as const },
  ];

  it('is the time between coming and going, without breaks', () => {
    expect(spansOf(changes, when('00:00:00'), when('23:00:00'))).toEqual([
      { from: when('08:00:00'), to: when('12:00:00') },
      { from: when('12:30:00'), to: when('17:00:00') },
      { from: when('18:00:00'), to: null },
    ]);
  });

  it('is cut to what is asked for; the end belongs to nobody', () => {
    expect(spansOf(changes, when('11:00:00'), when('12:45:00'))).toEqual([
      { from: when('11:00:00'), to: when('12:00:00') },
      { from: when('12:30:00'), to: when('12:45:00') },
    ]);
    expect(spansOf(changes, when('12:00:00'), when('12:30:00'))).toEqual([]);
    expect(spansOf(changes, when('17:00:00'), when('18:00:00'))).toEqual([]);
  });

  it('goes on when a visit within it ends', () => {
    expect([dutyAfter('in', false), dutyAfter('out', false)]).toEqual(['on', 'off']);
    expect([dutyAfter('in', true), dutyAfter('out', true), dutyAfter('visit', false)]).toEqual([null, null, null]);
  });
});

describe('visits', () => {
  it('may begin a quarter of an hour before their meeting and until half an hour after it began', () => {
    const starts = at('10:00:00');
    const times = ['09:44:59', '09:45:00', '10:30:00', '10:30:01'];
    expect(times.map((time) => isInWindow(at(time), starts))).toEqual([false, true, true, false]);
  });

  it('are reminded of once after an hour, and ended after six', () => {
    const minute = 60_000;
    expect(visitDue(60 * minute, false)).toBe('nothing');
    expect(visitDue(61 * minute, false)).toBe('remind');
    expect(visitDue(61 * minute, true)).toBe('nothing');
    expect(visitDue(360 * minute, true)).toBe('nothing');
    expect(visitDue(361 * minute, true)).toBe('close');
  });

  it('are called what the person calls such visits', () => {
    const visit = { type: 'client-visit', kind: 'in', targetType: 'lead' } as const;
    expect(suggest({ ...visit, before: ['demo', 'demo', 'repair'] })).toBe('demo');
    expect(suggest({ ...visit, before: ['demo'] })).toBe('sales call');
    expect(suggest({ ...visit, targetType: null, before: [] })).toBe('client visit');
  });
});
