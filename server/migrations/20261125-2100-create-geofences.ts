import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE geofences (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, branch_id ${ID} NULL, client_id ${ID} NULL,
    lat_e7 INT NULL, lng_e7 INT NULL, radius_m DOUBLE NULL, corners TEXT NULL,
    buffer_m DOUBLE NULL, acc_max_m DOUBLE NOT NULL, active_hours TEXT NULL, timezone VARCHAR(64) NOT NULL,
    speed_limit_kmh SMALLINT UNSIGNED NULL, dwell_minutes SMALLINT UNSIGNED NULL,
    removed_at DATETIME(3) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY by_name (org_id, name, id), KEY of_branch (org_id, branch_id), KEY of_client (org_id, client_id),
    CONSTRAINT geofence_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE,
    CONSTRAINT circle_or_polygon CHECK (
      (corners IS NULL AND lat_e7 IS NOT NULL AND lng_e7 IS NOT NULL AND radius_m IS NOT NULL)
      OR (corners IS NOT NULL AND lat_e7 IS NULL AND lng_e7 IS NULL AND radius_m IS NULL))
  )`);
  // Counts an organisation's changes of fences, so that whoever remembers them knows when to forget.
  await sql(`CREATE TABLE fence_marks (
    org_id ${ID} NOT NULL, n INT UNSIGNED NOT NULL, PRIMARY KEY (org_id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['fence_marks', 'geofences']) await sql(`DROP TABLE ${table}`);
};
