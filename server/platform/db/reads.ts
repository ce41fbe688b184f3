import type { Pool, QueryValues, RowDataPacket } from 'mysql2/promise';
import type { StreamPosition } from '@loro/contracts/kit/api';

/** What fills the `?` of a statement, in order. */
export type Values = readonly QueryValues[];

interface HeadColumns {
  headEpoch: string | null;
  headN: number;
}

/**
 * Reads of hot routes, straight from the driver: several times cheaper than making model instances. Placeholders are
 * `?`; a list fills `IN (?)`. They stand outside the caller's transaction.
 */
export class Reads {
  constructor(
    private readonly pool: Pool,
    /** Makes the head of a stream that nobody has published to or asked for yet. */
    private readonly openHead: (stream: string) => Promise<unknown>,
  ) {}

  all<Row extends object>(sql: string, values: Values): Promise<Row[]> {
    // The driver's promises take a stack trace of every query, which costs more than formatting it.
    return new Promise((resolve, reject) => {
      this.pool.pool.query<RowDataPacket[]>(sql, [...values], (error, rows) => {
        if (error) reject(error);
        // Whoever writes the statement knows its columns.
        else resolve(rows as unknown as Row[]);
      });
    });
  }

  async one<Row extends object>(sql: string, values: Values): Promise<Row | undefined> {
    const [row] = await this.all<Row>(sql, values);
    return row;
  }

  /**
   * Rows, and where a log stream stands at that very moment: one statement has one read view, so this needs no
   * transaction around it.
   */
  async beside<Row extends object>(
    stream: string,
    sql: string,
    values: Values,
  ): Promise<{ rows: Row[]; streams: StreamPosition[] }> {
    const found = await this.readBeside<Row>(stream, sql, values);
    if (found.streams.length > 0) return found;
    await this.openHead(stream);
    return this.readBeside<Row>(stream, sql, values);
  }

  private async readBeside<Row extends object>(stream: string, sql: string, values: Values) {
    const found = await this.all<Row & HeadColumns & { isRow: number | null }>(
      `SELECT h.epoch AS headEpoch, h.n AS headN, r.* FROM stream_heads h LEFT JOIN (SELECT 1 AS isRow, q.* FROM (${sql}) q) r ON TRUE
       WHERE h.stream = ?`,
      [...values, stream],
    );
    const [first] = found;
    const streams = first ? [{ stream, epoch: String(first.headEpoch), n: first.headN }] : [];
    return { rows: found.filter(({ isRow }) => isRow !== null), streams };
  }
}
