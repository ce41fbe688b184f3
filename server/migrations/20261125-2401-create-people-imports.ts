import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // The file is sealed, and gone when the import is over. One import of an organisation runs at a time.
  await sql(`CREATE TABLE people_imports (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, state ENUM('queued', 'running', 'done', 'failed') NOT NULL DEFAULT 'queued',
    open_mark TINYINT NULL DEFAULT 1, file MEDIUMBLOB NULL, done INT UNSIGNED NOT NULL DEFAULT 0,
    total INT UNSIGNED NOT NULL, report MEDIUMTEXT NULL, failure TEXT NULL, requested_by ${ID} NOT NULL,
    requested_at DATETIME(3) NOT NULL, finished_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open (org_id, open_mark),
    CONSTRAINT import_by_user FOREIGN KEY (org_id, requested_by) REFERENCES users (org_id, id),
    CONSTRAINT import_over CHECK ((state IN ('done', 'failed')) = (finished_at IS NOT NULL)),
    CONSTRAINT import_mark CHECK ((state IN ('done', 'failed')) = (open_mark IS NULL))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE people_imports');
};
