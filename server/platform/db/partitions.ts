import { QueryTypes } from 'sequelize';
import type { Sequelize } from 'sequelize-typescript';

const DAY_MS = 86_400_000;
/** Days since 1970 UTC: what tables partitioned by day are partitioned by. */
export const dayNumber = (at: Date): number => Math.floor(at.getTime() / DAY_MS);

async function partitionsOf(sequelize: Sequelize, table: string): Promise<string[]> {
  const rows = await sequelize.query<{ name: string }>(
    `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table ORDER BY PARTITION_ORDINAL_POSITION`,
    { type: QueryTypes.SELECT, replacements: { table } },
  );
  return rows.map(({ name }) => name);
}

/**
 * Keeps a table that is partitioned by day number supplied: three days ahead exist, those older than `keepDays` are
 * dropped whole, which costs nothing where deleting row by row would.
 */
export async function tendDayPartitions(
  sequelize: Sequelize,
  table: string,
  now: Date,
  keepDays: number,
): Promise<{ made: string[]; dropped: string[] }> {
  const today = dayNumber(now);
  const existing = await partitionsOf(sequelize, table);
  const made: string[] = [];
  for (let day = today; day <= today + 3; day += 1) {
    const name = `d${day}`;
    if (existing.includes(name)) continue;
    await sequelize.query(
      `ALTER TABLE ${table} REORGANIZE PARTITION ahead INTO
       (PARTITION ${name} VALUES LESS THAN (${day + 1}), PARTITION ahead VALUES LESS THAN MAXVALUE)`,
    );
    made.push(name);
  }
  const dropped = existing.filter((name) => name.startsWith('d') && Number(name.slice(1)) < today - keepDays);
  if (dropped.length > 0) await sequelize.query(`ALTER TABLE ${table} DROP PARTITION ${dropped.join(', ')}`);
  return { made, dropped };
}

/** The same for a table partitioned by month of a DATETIME column: this month and the next two exist. */
export async function tendMonthPartitions(sequelize: Sequelize, table: string, now: Date): Promise<string[]> {
  const existing = await partitionsOf(sequelize, table);
  const made: string[] = [];
  for (let ahead = 0; ahead <= 2; ahead += 1) {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
    const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1));
    const name = `m${month.toISOString().slice(0, 7).replace('-', '')}`;
    if (existing.includes(name)) continue;
    await sequelize.query(
      `ALTER TABLE ${table} REORGANIZE PARTITION ahead INTO
       (PARTITION ${name} VALUES LESS THAN ('${next.toISOString().slice(0, 10)}'), PARTITION ahead VALUES LESS THAN (MAXVALUE))`,
    );
    made.push(name);
  }
  return made;
}
