import { Fix } from '@loro/contracts/tracking';
import { isPlainFix } from './fix.check';

const good = { n: 1, at: '2026-11-24T08:00:00.000Z', lat: -26.2, lng: 28.05, accuracy: 8 };
const odd: readonly unknown[] = [
  undefined,
  null,
  true,
  '',
  '1',
  -1,
  0,
  -0,
  0.5,
  1,
  89.999,
  90,
  90.1,
  180,
  180.1,
  -180,
  -180.1,
  360,
  361,
  65_535,
  65_536,
  1_000_000,
  1_000_001,
  2 ** 31,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  [],
  {},
  'yesterday',
  '2026-02-28T23:59:59Z',
  '2026-02-29T00:00:00Z',
  '2024-02-29T00:00:00.5Z',
  '2026-02-30T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-12-31T24:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-11-24T08:00:60Z',
  '2026-11-24T08:00Z',
  '2026-11-24T08:00:00+02:00',
  '2026-11-24T08:00:00.123456Z',
  '1969-12-31T23:59:59Z',
  '1970-01-01T00:00:00Z',
  '2199-12-28T00:00:00Z',
  '2200-01-01T00:00:00Z',
];
const fields = [...Object.keys(Fix.shape), 'extra', '__proto__'];

describe('the short check of a fix', () => {
  it('never says yes where the contract says no, whatever stands in whichever field', () => {
    const disagreements = fields.flatMap((field) =>
      odd.flatMap((value) => {
        const raw: unknown = JSON.parse(JSON.stringify({ ...good, [field]: value }));
        return isPlainFix(raw) && !Fix.safeParse(raw).success ? [`${field}: ${String(value)}`] : [];
      }),
    );

    expect(disagreements).toEqual([]);
  });

  it('leaves out no required field', () => {
    for (const field of Object.keys(good)) {
      const { [field as keyof typeof good]: _left, ...rest } = good;
      expect(isPlainFix(rest)).toBe(false);
    }
  });

  it.each([null, undefined, 1, 'fix', [], [good]])('says no to %p', (raw) => {
    expect(isPlainFix(raw)).toBe(false);
  });

  it('says yes to what phones send, so that the schema has nothing to do with most of it', () => {
    const full = { ...good, segment: 2, altitude: 1_700.5, speed: 13.2, heading: 271, battery: 0.61, mock: false };

    expect([good, full, { ...full, altitude: null, speed: null, heading: null, battery: null }].every(isPlainFix)).toBe(
      true,
    );
    expect(Fix.safeParse(full).data).toEqual(full);
  });
});
