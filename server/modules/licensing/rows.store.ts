import { QueryTypes } from 'sequelize';
import type { Hub } from '../../platform';

export type Values = Readonly<Record<string, unknown>>;

/** Runs a statement that writes. @returns how many rows it touched */
export const changed = (hub: Hub, sql: string, values: Values): Promise<number> =>
  hub.sequelize.query(sql, { type: QueryTypes.BULKUPDATE, replacements: { ...values } });
