import type { Secrets } from '../secrets';
import { Invalid } from '../errors';

/** One page of a list, and where the next one starts. */
export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/**
 * Keyset cursors: the sort values of the last row, signed so that nobody can make one up.
 * A cursor belongs to the list it came from; another list refuses it.
 */
export class Cursors {
  constructor(private readonly secrets: Secrets) {}

  encode(list: string, keys: readonly (string | number)[]): string {
    const body = Buffer.from(JSON.stringify(keys)).toString('base64url');
    return `${body}.${this.sign(list, body)}`;
  }

  /** @throws Invalid BAD_QUERY */
  decode(list: string, cursor: string | undefined): (string | number)[] | null {
    if (cursor === undefined) return null;
    const [body = '', signature = ''] = cursor.split('.');
    if (this.sign(list, body) !== signature)
      throw new Invalid('BAD_QUERY', 'The cursor is not one of this list.', {
        errors: [{ path: 'cursor', code: 'invalid_cursor', message: 'is not a cursor of this list' }],
      });
    // The signature says that this hub wrote it.
    return JSON.parse(Buffer.from(body, 'base64url').toString()) as (string | number)[];
  }

  private sign(list: string, body: string): string {
    return this.secrets.hmac('cursor', `${list}:${body}`).toString('base64url').slice(0, 16);
  }
}

/** Cuts a page out of `limit + 1` rows. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  present: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(present),
    nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  };
}
