import type { Fix } from '@loro/contracts/tracking';
import { annotate, flagsOf, pack } from './fix.policy';

const now = Date.parse('2026-11-24T12:00:00Z');
const fix = (change: Partial<Fix> = {}): Fix => ({
  n: 1,
  at: '2026-11-24T12:00:00Z',
  lat: -26.1,
  lng: 28.05,
  accuracy: 5,
  ...change,
});

describe('annotating a fix', () => {
  it.each<[string, Partial<Fix>, string[]]>([
    ['a plain one', {}, []],
    ['a vague one', { accuracy: 100.1 }, ['coarse']],
    ['a made-up one', { mock: true }, ['mock']],
    ['two minutes ahead', { at: '2026-11-24T12:02:00Z' }, []],
    ['more than two minutes ahead', { at: '2026-11-24T12:02:00.001Z' }, ['future']],
    ['ten minutes old', { at: '2026-11-24T11:50:00Z' }, ['late']],
    ['from 1970', { at: '1970-01-01T00:00:00Z' }, ['late', 'ancient']],
    ['at zero, zero', { lat: 0, lng: 0 }, ['null_island']],
    ['on the equator', { lat: 0 }, []],
  ])('marks %s', (_what, change, flags) => {
    expect(flagsOf(annotate(fix(change), undefined, now))).toEqual(flags);
  });

  it.each([
    ['a leap of 2 km in 10 s', 10_000, 2_000, ['jump']],
    ['60 m/s', 10_000, 600, []],
    ['a leap within the accuracies', 1_000, 75, []],
    ['a leap in less than a second', 999, 2_000, []],
    ['a leap since an hour', 3_600_000, 900_000, []],
  ])('knows %s', (_what, ms, metres, flags) => {
    const anchor = { at: now - ms, lat: -26.1 - metres / 111_194.9, lng: 28.05, accuracy: 5 };

    expect(flagsOf(annotate(fix(), anchor, now))).toEqual(flags);
  });
});

describe('packing a fix', () => {
  it('keeps seven decimals of a degree and says what is unknown', () => {
    const packed = pack(7, now - 1_500, now, {
      lat: -26.1075671,
      lng: -122.4,
      accuracy: 4.6,
      speed: null,
      heading: 359.6,
    });

    expect(packed).toEqual([7, 1_500, -261_075_671, -1_224_000_000, 5, -1, 360]);
  });
});
