import type { Migration } from '../platform/db/migrate';

const ORIGIN = [
  'cause CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL',
  'trace CHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL',
];

export const up: Migration['up'] = async ({ sql }) => {
  for (const table of ['stream_events', 'outbox_jobs'])
    await sql(`ALTER TABLE ${table} ${ORIGIN.map((column) => `ADD COLUMN ${column}`).join(', ')}`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['stream_events', 'outbox_jobs'])
    await sql(`ALTER TABLE ${table} DROP COLUMN cause, DROP COLUMN trace`);
};
