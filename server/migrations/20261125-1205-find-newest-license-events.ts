import type { Migration } from '../platform/db/migrate';

export const up: Migration['up'] = async ({ sql }) => {
  await sql('CREATE INDEX by_age ON license_events (at)');
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP INDEX by_age ON license_events');
};
