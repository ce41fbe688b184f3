import { leafHash, merklePath, merkleRoot, rootOf } from './merkle.policy';

const leavesOf = (rows: readonly string[]) => rows.map(leafHash);
const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);

describe('acceptance: the root of three rows', () => {
  it('is that of RFC 6962', () => {
    expect(merkleRoot(leavesOf(['a', 'b', 'c'])).toString('hex')).toBe(
      '36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1',
    );
  });
});

describe('proving a row', () => {
  it.each([1, 2, 3, 5, 8, 13, 100])('works for every row of %i', (count) => {
    const leaves = leavesOf(rowsOf(count));
    const root = merkleRoot(leaves).toString('hex');

    const roots = leaves.map((leaf, index) =>
      rootOf(leaf, { index, count, path: merklePath(index, leaves) }).toString('hex'),
    );

    expect(new Set(roots)).toEqual(new Set([root]));
  });

  it('fails for a row that was not there', () => {
    const leaves = leavesOf(rowsOf(7));
    const path = merklePath(4, leaves);

    expect(rootOf(leafHash('another'), { index: 4, count: 7, path }).equals(merkleRoot(leaves))).toBe(false);
  });

  it('knows the root of nothing', () => {
    expect(merkleRoot([]).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
