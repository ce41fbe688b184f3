import type { Migration } from '../platform/db/migrate';

export const up: Migration['up'] = async ({ sql }) => {
  await sql('ALTER TABLE users ADD COLUMN last_seen_at DATETIME(3) NULL');
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('ALTER TABLE users DROP COLUMN last_seen_at');
};
