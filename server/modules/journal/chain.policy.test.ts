import { createHash } from 'node:crypto';
import { canonicalJson } from '../../platform';
import { type Body, bodyText, ChainWalk, GENESIS, hashOf, type SealedRow } from './chain.policy';

const user = { kind: 'user', id: '42' };
const first: Body = {
  seq: 1,
  orgId: '7',
  at: '2026-03-01T08:00:00.000Z',
  type: 'security_event',
  action: 'authn_login_success',
  actor: user,
  entity: { type: 'user', id: '42' },
  data: canonicalJson({ ip: '203.0.113.9' }),
};
const second: Body = {
  seq: 2,
  orgId: '7',
  at: '2026-03-01T08:00:05.250Z',
  type: 'data_change',
  action: 'client.updated',
  actor: user,
  entity: { type: 'client', id: '9001' },
  data: canonicalJson({ changes: [{ path: '/creditLimit', from: '1000.00', to: '2500.00' }] }),
};
const third: Body = {
  seq: 3,
  orgId: '7',
  at: '2026-03-01T08:01:00.000Z',
  type: 'user_action',
  action: 'task.completed',
  actor: user,
  entity: { type: 'task', id: '77' },
  data: canonicalJson({ title: 'Zoë’s follow-up' }),
};
const HASHES = [
  '0bc8d442ec6acd3c67ca2066d8dd4f997647c67b9aa17f3f4cf23c1ffc03259c',
  '95f7171448776493f639e708f8862ed31a273f0a6bcd5e60c6366b786541e83b',
  'f5fbda3db5c6e3c38b24ffeb4660c64d6859874972b9249fc4eb38da5a02fded',
] as const;

const copies = { branchId: null, cause: null };
const chained = (bodies: readonly Body[]): SealedRow[] => {
  let hash = GENESIS;
  return bodies.map((body) => {
    const prevHash = hash;
    hash = hashOf(body, prevHash);
    return { seq: body.seq, hash, prevHash, body, copies };
  });
};
const walked = (rows: readonly SealedRow[], end = rows.at(-1)): ChainWalk => {
  const walk = new ChainWalk({ seq: 0, hash: GENESIS });
  for (const row of rows) walk.take(row);
  walk.end(end ? { seq: end.seq, hash: end.hash } : null, []);
  return walk;
};
const [one, two, three] = chained([first, second, third]);
if (!one || !two || !three) throw new Error('the three entries of the example');

describe('acceptance: the hashes of three entries', () => {
  it('are those that every other program computes', () => {
    expect([one, two, three].map(({ hash }) => hash)).toEqual(HASHES);
  });

  it('verify from genesis', () => {
    expect(walked([one, two, three]).breaks).toEqual([]);
  });
});

describe('acceptance: somebody edits the second of three entries', () => {
  const edited = { ...two, body: { ...second, data: second.data.replace('2500.00', '9500.00') } };

  it('shows as its own hash that does not fit', () => {
    const { breaks } = walked([one, edited, three]);

    expect(breaks).toEqual([
      { seq: 2, code: 'HASH_MISMATCH', expected: expect.stringMatching(/^0321854a/), found: HASHES[1] },
    ]);
  });

  it('shows as a broken link of the third, when the hash was written anew too', () => {
    const rewritten = { ...edited, hash: hashOf(edited.body, one.hash) };

    const { breaks } = walked([one, rewritten, three]);

    expect(breaks.map(({ seq, code }) => [seq, code])).toEqual([[3, 'LINK_BROKEN']]);
  });
});

describe('walking a chain', () => {
  it('names a missing entry, and goes on behind it', () => {
    const later = chained([first, second, third, { ...third, seq: 4 }, { ...third, seq: 5 }]);
    const [a, b, , d, e] = later;
    const spoiled = e && { ...e, body: { ...e.body, action: 'task.reopened' } };

    const { breaks } = walked([a, b, d, spoiled].filter((row) => row !== undefined));

    expect(breaks.map(({ seq, code }) => [seq, code])).toEqual([
      [4, 'SEQ_GAP'],
      [5, 'HASH_MISMATCH'],
    ]);
  });

  it('sees that the end was cut off, by the head', () => {
    expect(walked([one, two], three).breaks).toEqual([{ seq: 3, code: 'TRUNCATED', expected: '3', found: '2' }]);
  });

  it('sees that the end was cut off and the head set back, by a signed point', () => {
    const walk = new ChainWalk({ seq: 0, hash: GENESIS }, new Map([[3, [three.hash]]]));
    for (const row of [one, two]) walk.take(row);
    walk.end(two, [3]);

    expect(walk.breaks.map(({ code }) => code)).toEqual(['TRUNCATED']);
  });

  it('sees a head that is another one', () => {
    expect(walked([one, two, three], { ...three, hash: one.hash }).breaks.map(({ code }) => code)).toEqual([
      'HEAD_MISMATCH',
    ]);
    expect(walked([one, two, three], two).breaks.map(({ code }) => code)).toEqual(['HEAD_MISMATCH']);
  });

  it('sees that the whole chain was written anew, by a point that was signed before', () => {
    const forged = chained([first, { ...second, action: 'client.removed' }, third]);
    const walk = new ChainWalk({ seq: 0, hash: GENESIS }, new Map([[2, [two.hash]]]));
    for (const row of forged) walk.take(row);

    expect(walk.breaks.map(({ seq, code }) => [seq, code])).toEqual([[2, 'CHECKPOINT_MISMATCH']]);
  });

  it('stops listing at a hundred breaks', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ ...one, seq: index + 1, hash: HASHES[1] }));

    expect(walked(many).breaks).toHaveLength(100);
  });

  it('takes no data that poses as more keys of the body', () => {
    const { entity: _, ...rest } = third;
    const data = `${third.data},"entity":${canonicalJson(third.entity)}`;
    const posing: SealedRow = { ...three, body: { ...rest, data } };
    expect(bodyText(posing.body)).toBe(bodyText(third));

    expect(walked([one, two, posing]).breaks.map(({ seq, code }) => [seq, code])).toEqual([[3, 'HASH_MISMATCH']]);
  });

  it('holds the columns outside the hash against what was said', () => {
    const body = { ...first, data: canonicalJson({ source: { branchId: 'A' } }) };
    const hash = hashOf(body, GENESIS);
    const moved = { seq: 1, hash, prevHash: GENESIS, body, copies: { branchId: 'B', cause: null } };

    expect(walked([moved]).breaks.map(({ code }) => code)).toEqual(['HASH_MISMATCH']);
    expect(walked([{ ...moved, copies: { branchId: 'A', cause: null } }]).breaks).toEqual([]);
  });
});

describe('the canonical text', () => {
  it('sorts by UTF-16 units, keys that look like numbers too', () => {
    expect(canonicalJson({ '9': 1, '10': 2, b: 3, a: { z: null, Z: true } })).toBe(
      '{"10":2,"9":1,"a":{"Z":true,"z":null},"b":3}',
    );
    // The example of RFC 8785, section 3.2.3, by the digest of what it prints.
    const sorted = canonicalJson({
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    });
    expect([...sorted.matchAll(/"([^"]*)":/g)].map(([, key]) => key)).toEqual([
      String.raw`\r`,
      '1',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ]);
  });

  it('leaves absent keys out', () => {
    expect(bodyText({ ...first, data: '{}' })).toBe(
      '{"action":"authn_login_success","actor":{"id":"42","kind":"user"},"at":"2026-03-01T08:00:00.000Z","data":{},' +
        '"entity":{"id":"42","type":"user"},"orgId":"7","seq":1,"type":"security_event"}',
    );
    expect(createHash('sha256').update('').digest('hex')).toHaveLength(GENESIS.length);
  });
});
