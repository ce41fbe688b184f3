import { createHash } from 'node:crypto';

const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

export const leafHash = (row: string): Buffer => sha256(LEAF, row);
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(NODE, left, right);

/** The largest power of two below `count`. */
const splitOf = (count: number): number => 2 ** (Math.ceil(Math.log2(count)) - 1);

/** The Merkle tree hash of RFC 6962. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (!first) return sha256('');
  if (leaves.length === 1) return first;
  const split = splitOf(leaves.length);
  return nodeHash(merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

/** The audit path of RFC 6962 §2.1.1 for one leaf, nearest sibling first. */
export function merklePath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...merklePath(index, left), merkleRoot(right)]
    : [...merklePath(index - split, right), merkleRoot(left)];
}

/** The root that a leaf and its path make; whoever holds a sealed root compares it with this. */
export function rootOf(leaf: Buffer, at: { index: number; count: number; path: readonly Buffer[] }): Buffer {
  const sibling = at.path.at(-1);
  if (at.count <= 1 || !sibling) return leaf;
  const split = splitOf(at.count);
  const path = at.path.slice(0, -1);
  return at.index < split
    ? nodeHash(rootOf(leaf, { index: at.index, count: split, path }), sibling)
    : nodeHash(sibling, rootOf(leaf, { index: at.index - split, count: at.count - split, path }));
}
