import { createHash } from 'node:crypto';
import { canonicalJson, csvCell } from '../../platform';
import { changesBetween, stateAt } from './diff.policy';
import { scrubbed } from './error.policy';
import { bucketOf, countOf, merge, percentile } from './histogram.policy';
import { agentFamily, truncatedIp } from './source.policy';
import { fit, journalValue, MAX_BYTES } from './values.policy';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const nested = (depth: number): unknown => (depth === 0 ? 'deep' : { in: nested(depth - 1) });

describe('what the journal takes', () => {
  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'is no number like %s, and the path is told',
    (value) => {
      expect(() => journalValue({ list: [0, { amount: value }] }, 'refuse', '/data')).toThrow(
        expect.objectContaining({
          code: 'JOURNAL_BAD_VALUE',
          details: { errors: [expect.objectContaining({ path: '/data/list/1/amount' })] },
        }),
      );
    },
  );

  it('turns floats of a thing that is only compared into text', () => {
    expect(journalValue({ lat: -26.2041, n: 3, at: new Date(0), big: 12n }, 'text')).toEqual({
      lat: '-26.2041',
      n: 3,
      at: '1970-01-01T00:00:00.000Z',
      big: '12',
    });
  });

  it('keeps thirty-two levels, and the hash of what lies deeper', () => {
    const kept = canonicalJson(journalValue(nested(32), 'refuse'));
    const cut = canonicalJson(journalValue(nested(33), 'refuse'));

    expect(kept).toBe(canonicalJson(nested(32)));
    expect(cut).toContain(`"sha256":"${sha256('{"in":"deep"}')}","truncated":true`);
  });

  it('replaces half a character, and nothing of a whole one', () => {
    expect(journalValue(['\ud800', 'Zoë’s \ud83d\ude00'], 'refuse')).toEqual(['\ufffd', 'Zoë’s \ud83d\ude00']);
  });
});

describe('an entry that is too large', () => {
  it('keeps small fields, and the hash and length of large ones', () => {
    const long = 'x'.repeat(MAX_BYTES);

    const data: unknown = JSON.parse(fit({ note: 'short', long }));

    expect(data).toEqual({
      note: 'short',
      long: { truncated: true, sha256: sha256(JSON.stringify(long)), bytes: MAX_BYTES + 2 },
    });
  });

  it('still says which fields changed', () => {
    const long = 'x'.repeat(MAX_BYTES);
    const changes = changesBetween({ name: 'a', text: '' }, { name: 'b', text: long });

    const data: unknown = JSON.parse(fit({ changes: changes.map((change) => ({ ...change })) }));

    expect(data).toEqual({
      changes: [
        { path: '/name', from: 'a', to: 'b' },
        { path: '/text', from: '', to: expect.objectContaining({ truncated: true, bytes: MAX_BYTES + 2 }) },
      ],
    });
  });

  it('fits whatever it is made of', () => {
    const many = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`field ${index}`, 'value']));

    const text = fit({ changes: changesBetween(undefined, many).map((change) => ({ ...change })) });

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('says where it came from in any case', () => {
    const source = { branchId: 'x'.repeat(60) };
    const small = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`field ${index}`, 1]));

    const data: unknown = JSON.parse(fit({ ...small, source }));

    expect(data).toMatchObject({ source, truncated: true, bytes: Buffer.byteLength(canonicalJson(small)) });
  });
});

describe('what changed', () => {
  it('is told field by field, as RFC 6901 points to them', () => {
    const before = { name: 'A', tags: ['x'], address: { city: 'Durban', 'a/b~c': 1 }, gone: null };
    const after = { name: 'A', tags: ['x', 'y'], address: { city: 'Pretoria', 'a/b~c': 2 }, made: false };

    expect(changesBetween(before, after)).toEqual([
      { path: '/address/a~1b~0c', from: 1, to: 2 },
      { path: '/address/city', from: 'Durban', to: 'Pretoria' },
      { path: '/gone', from: null },
      { path: '/made', to: false },
      { path: '/tags', from: ['x'], to: ['x', 'y'] },
    ]);
  });

  it('is nothing for two equal things', () => {
    expect(changesBetween({ a: { b: [1] }, at: new Date(5) }, { at: new Date(5), a: { b: [1] } })).toEqual([]);
  });

  it('gives back how a thing stood, by undoing what came later', () => {
    const steps = [
      { isAfter: false, changes: changesBetween(undefined, { name: 'A', size: { w: 1, h: 2 } }) },
      { isAfter: false, changes: changesBetween({ name: 'A', size: { w: 1, h: 2 } }, { name: 'B', size: { w: 1 } }) },
      { isAfter: true, changes: changesBetween({ name: 'B', owner: 'x' }, { name: 'C' }) },
      { isAfter: true, changes: changesBetween({ owner: 'y' }, { owner: 'z' }) },
    ];

    expect(stateAt(steps)).toEqual({ name: 'B', size: { w: 1 }, owner: 'x' });
  });
});

describe('where a call came from', () => {
  it.each([
    ['203.0.113.9', '203.0.113.0'],
    ['::ffff:203.0.113.9', '203.0.113.0'],
    ['2001:db8:1234:5678::9', '2001:db8:1234::'],
  ])('keeps of %s only %s', (ip, kept) => {
    expect(truncatedIp(ip)).toBe(kept);
  });

  it('keeps no word that is no address', () => {
    expect(truncatedIp('unknown\r\nX: y')).toBeUndefined();
  });

  it('keeps the kind of program', () => {
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
    expect([chrome, `${chrome} Edg/140.0`, 'LoroField/3.2 (iOS)', ''].map(agentFamily)).toEqual([
      'Chrome',
      'Edge',
      'LoroField',
      undefined,
    ]);
  });
});

describe('a cell of an export', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+27', "'+27"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['plain', 'plain'],
    ['a,"b"', '"a,""b"""'],
    ['=a\r\nroot,admin', String.raw`"'=a\r\nroot,admin"`],
  ])('says of %j: %s', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });
});

describe('an error', () => {
  it('is kept without what opens doors', () => {
    const text = scrubbed(
      'Bearer abc.def at mysql://hub:pw@db/hub for zoe@example.org, password="x y", card 4111 1111 1111 1111',
    );
    for (const secret of ['abc.def', 'hub:pw', 'zoe@', 'x y', '4111']) expect(text).not.toContain(secret);
  });
});

describe('times of a minute', () => {
  it('have percentiles off by a twentieth at most, over several nodes too', () => {
    const here = new Map<number, number>();
    const there = new Map<number, number>();
    for (let ms = 1; ms <= 1_000; ms += 1) {
      const node = ms % 2 === 0 ? here : there;
      node.set(bucketOf(ms), (node.get(bucketOf(ms)) ?? 0) + 1);
    }
    const all = merge([here, there]);

    expect(countOf(all)).toBe(1_000);
    for (const [part, exact] of [
      [0.5, 500],
      [0.95, 950],
      [0.99, 990],
    ] as const)
      expect(Math.abs(percentile(all, part) - exact) / exact).toBeLessThanOrEqual(0.05);
  });
});
