import { createHash } from 'node:crypto';
import type { ChainBreak } from '@loro/contracts/journal-proofs';
import { canonicalJson } from '../../platform';

export const GENESIS = '0'.repeat(64);
const MOST_BREAKS = 100;
const DOMAIN = 'loro.journal.v1';

/** What the hash of an entry is made of. A key that is absent is left out. */
export interface Body {
  readonly seq: number;
  readonly orgId: string;
  readonly at: string;
  readonly type: string;
  readonly action: string;
  readonly outcome?: string;
  readonly severity?: string;
  readonly actor: { readonly kind: string; readonly id?: string };
  readonly entity?: { readonly type: string; readonly id: string };
  /** The text as it is stored: it is hashed as it stands, whatever a database thinks of JSON. */
  readonly data: string;
  readonly piiRefs?: readonly string[];
}

/** RFC 8785, with the stored text of the data in its place. */
export function bodyText(body: Body): string {
  const fields = Object.entries(body)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}:${key === 'data' ? body.data : canonicalJson(value)}`);
  return `{${fields.join(',')}}`;
}

export const hashOf = (body: Body, prevHash: string): string =>
  createHash('sha256')
    .update(`${DOMAIN}\n${prevHash}\n${bodyText(body)}`)
    .digest('hex');

export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** A sealed entry as it stands in the database. */
export interface SealedRow extends Link {
  readonly prevHash: string;
  readonly body: Body;
  /** What stands in columns of its own and is hashed as a part of the data: where it happened, and what caused it. */
  readonly copies: { readonly branchId: string | null; readonly cause: string | null };
}

/**
 * Walks a chain from a point that is trusted, and goes on after a break from what is stored, so that one bad entry does
 * not hide the next.
 */
export class ChainWalk {
  readonly breaks: ChainBreak[] = [];
  checked = 0;
  private last: Link;

  constructor(
    from: Link,
    /** Hashes that were signed earlier, by seq. */
    private readonly signed: ReadonlyMap<number, readonly string[]> = new Map(),
  ) {
    this.last = from;
  }

  get at(): Link {
    return this.last;
  }

  report(found: ChainBreak): void {
    if (this.breaks.length < MOST_BREAKS) this.breaks.push(found);
  }

  take(row: SealedRow): void {
    const { seq, prevHash, hash } = row;
    if (seq !== this.last.seq + 1)
      this.report({ seq, code: 'SEQ_GAP', expected: String(this.last.seq + 1), found: String(seq) });
    else if (prevHash !== this.last.hash)
      this.report({ seq, code: 'LINK_BROKEN', expected: this.last.hash, found: prevHash });
    const recomputed = hashOf(row.body, prevHash);
    if (recomputed !== hash) this.report({ seq, code: 'HASH_MISMATCH', expected: recomputed, found: hash });
    else if (!isTrue(row)) this.report({ seq, code: 'HASH_MISMATCH', expected: hash, found: 'another column' });
    for (const expected of this.signed.get(seq) ?? [])
      if (expected !== hash) this.report({ seq, code: 'CHECKPOINT_MISMATCH', expected, found: hash });
    this.last = { seq, hash };
    this.checked += 1;
  }

  /** Holds the end against where the chain must at least reach. @param head null where there is none */
  end(head: Link | null, mustReach: readonly number[]): void {
    const { seq, hash } = this.last;
    const furthest = Math.max(0, ...mustReach, head?.seq ?? 0);
    if (furthest > seq)
      this.report({ seq: seq + 1, code: 'TRUNCATED', expected: String(furthest), found: String(seq) });
    if (head && head.seq >= seq && (head.seq > seq || head.hash === hash)) return;
    if (!head && seq === 0) return;
    this.report({
      seq,
      code: 'HEAD_MISMATCH',
      expected: `${seq}:${hash}`,
      found: head ? `${head.seq}:${head.hash}` : 'none',
    });
  }
}

/**
 * Whether the data is one JSON value, so that it cannot pose as more keys of the body, and says what the columns say
 * that stand outside the hash.
 */
function isTrue({ body, copies }: SealedRow): boolean {
  try {
    const data: unknown = JSON.parse(body.data);
    const source = fieldOf(data, 'source');
    return (
      sameOrNone(fieldOf(source, 'branchId'), copies.branchId) && sameOrNone(fieldOf(source, 'cause'), copies.cause)
    );
  } catch {
    return false;
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
const sameOrNone = (said: unknown, column: string | null): boolean => (said ?? null) === column;
