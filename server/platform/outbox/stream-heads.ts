import { QueryTypes } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { ulid } from '../ulid';
import type { Head } from './events';

/** Where every `log` stream stands. Numbers count without gaps, in commit order, within one epoch. */
export class StreamHeads {
  constructor(private readonly sequelize: Sequelize) {}

  /** Heads that exist; inside a transaction, as that transaction sees them. */
  async read(streams: readonly string[]): Promise<Head[]> {
    if (streams.length === 0) return [];
    return this.sequelize.query<Head>('SELECT stream, epoch, n FROM stream_heads WHERE stream IN (:streams)', {
      type: QueryTypes.SELECT,
      replacements: { streams },
    });
  }

  /** Heads of all `streams`; those nobody has published to get their epoch now, so that a gap can be told from a start. */
  async open(streams: readonly string[]): Promise<Head[]> {
    const found = await this.read(streams);
    const known = new Set(found.map(({ stream }) => stream));
    const missing = [...new Set(streams)].filter((stream) => !known.has(stream)).toSorted();
    if (missing.length === 0) return found;
    await this.sequelize.query(
      `INSERT INTO stream_heads (stream, epoch, n) VALUES ${missing.map(() => '(?,?,0)').join(',')} ON DUPLICATE KEY UPDATE n = n`,
      { replacements: missing.flatMap((stream) => [stream, ulid()]) },
    );
    return [...found, ...(await this.read(missing))];
  }

  /**
   * Takes the next numbers of each stream, `counts` of them; the heads stay locked until the transaction ends. Streams
   * are locked in order of their names, so that two transactions cannot wait for each other in a circle.
   */
  async advance(counts: ReadonlyMap<string, number>): Promise<Map<string, Head>> {
    const streams = [...counts.keys()].toSorted();
    const count = (stream: string) => counts.get(stream) ?? 0;
    // Creates, locks and counts in one statement. FOR UPDATE followed by UPDATE deadlocks where the row is new.
    await this.sequelize.query(
      `INSERT INTO stream_heads (stream, epoch, n) VALUES ${streams.map(() => '(?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE n = n + VALUES(n)`,
      { replacements: streams.flatMap((stream) => [stream, ulid(), count(stream)]) },
    );
    const rows = await this.sequelize.query<Head & { taken: 0 | 1 }>(
      `SELECT h.stream, h.epoch, h.n,
         EXISTS (SELECT 1 FROM stream_events e WHERE e.stream = h.stream AND e.n = h.n)
         OR EXISTS (SELECT 1 FROM stream_events e WHERE e.stream = h.stream
                    AND e.n = h.n + 1 - CASE h.stream ${streams.map(() => 'WHEN ? THEN ?').join(' ')} END) AS taken
       FROM stream_heads h WHERE h.stream IN (?)`,
      {
        type: QueryTypes.SELECT,
        replacements: [...streams.flatMap((stream) => [stream, count(stream)]), streams],
      },
    );
    const heads = new Map<string, Head>();
    for (const { taken, ...head } of rows)
      heads.set(head.stream, taken === 0 ? head : await this.startOver(head.stream, count(head.stream)));
    return heads;
  }

  /**
   * Begins a new epoch where the head is behind what was already sent, as after a failover to a replica that had not
   * received everything: the same numbers would come again for other events, and whoever heard the first ones would
   * drop the second. With a new epoch everybody reloads instead.
   * @param seen the highest number of this epoch known to have been sent, or 'now' when one was given out twice
   * @returns the new head; null when the head is not behind after all
   */
  async renew({ stream, epoch }: Omit<Head, 'n'>, seen: number | 'now'): Promise<Head | null> {
    await this.sequelize.query(
      `UPDATE stream_heads SET epoch = :fresh WHERE stream = :stream AND epoch = :epoch ${seen === 'now' ? '' : 'AND n < :seen'}`,
      { replacements: { fresh: ulid(), stream, epoch, seen } },
    );
    const [head] = await this.read([stream]);
    return head && head.epoch !== epoch ? head : null;
  }

  /** The head row comes from an older state than the events: a new epoch begins above all numbers that are stored. */
  private async startOver(stream: string, count: number): Promise<Head> {
    const [last] = await this.sequelize.query<{ n: number }>(
      'SELECT MAX(n) AS n FROM stream_events WHERE stream = :stream',
      { type: QueryTypes.SELECT, replacements: { stream } },
    );
    const head = { stream, epoch: ulid(), n: (last?.n ?? 0) + count };
    await this.sequelize.query('UPDATE stream_heads SET epoch = :epoch, n = :n WHERE stream = :stream', {
      replacements: head,
    });
    return head;
  }
}
