import type { Migration } from '../platform/db/migrate';

export const up: Migration['up'] = async ({ sql }) => {
  // A person's place in the queue, 1 to 10, null once the run is over: its unique key is what allows ten at a time.
  await sql(
    'ALTER TABLE report_runs ADD COLUMN place TINYINT UNSIGNED NULL, ADD CONSTRAINT ten_places CHECK (place BETWEEN 1 AND 10)',
  );
  await sql('ALTER TABLE report_runs ADD UNIQUE KEY one_place (org_id, requested_by, place)');
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('ALTER TABLE report_runs DROP CONSTRAINT ten_places');
  // The index of the foreign key is `by_person`, so this one may go.
  await sql('ALTER TABLE report_runs DROP KEY one_place');
  await sql('ALTER TABLE report_runs DROP COLUMN place');
};
