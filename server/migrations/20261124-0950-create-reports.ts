import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE report_runs (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, kind VARCHAR(80) CHARACTER SET ascii NOT NULL, params TEXT NOT NULL,
    status ENUM('queued', 'running', 'done', 'failed') NOT NULL, requested_by ${ID} NOT NULL,
    reach TEXT NOT NULL, requested_at DATETIME(3) NOT NULL, started_at DATETIME(3) NULL, finished_at DATETIME(3) NULL,
    failure VARCHAR(500) NULL, result MEDIUMTEXT NULL,
    PRIMARY KEY (org_id, id), KEY by_person (org_id, requested_by, id),
    CONSTRAINT run_of_user FOREIGN KEY (org_id, requested_by) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  // What the reports room may read of other rooms' tables, and nothing beside.
  await sql(`CREATE VIEW report_trackables AS
    SELECT org_id, id AS trackable_id, name, branch_id, user_id FROM trackables WHERE kind = 'user'`);
  await sql(`CREATE VIEW report_fixes AS
    SELECT org_id, trackable_id, at, device_id, boot, n, segment, lat_e7, lng_e7, accuracy_m, flags FROM fixes`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP VIEW report_fixes');
  await sql('DROP VIEW report_trackables');
  await sql('DROP TABLE report_runs');
};
