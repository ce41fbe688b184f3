import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const NAME = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE journal_holds (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, subject_type VARCHAR(60) ${NAME} NOT NULL,
    subject_id VARCHAR(100) ${NAME} NOT NULL, reason VARCHAR(500) NOT NULL, placed_by ${ID} NOT NULL,
    placed_at DATETIME(3) NOT NULL, released_by ${ID} NULL, released_at DATETIME(3) NULL, is_open TINYINT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open (org_id, subject_type, subject_id, is_open),
    CONSTRAINT hold_is_released CHECK ((is_open IS NULL) = (released_at IS NOT NULL))
  )`);
  await sql(`CREATE TABLE journal_alerts (
    org_id ${ID} NOT NULL, rule VARCHAR(40) CHARACTER SET ascii NOT NULL, subject VARCHAR(170) ${NAME} NOT NULL,
    slot BIGINT NOT NULL, at DATETIME(3) NOT NULL, PRIMARY KEY (org_id, rule, subject, slot)
  )`);
  await sql(`CREATE TABLE journal_exports (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, filter TEXT NOT NULL, format ENUM('csv', 'jsonl') NOT NULL,
    status ENUM('queued', 'running', 'done', 'failed') NOT NULL, count BIGINT UNSIGNED NOT NULL DEFAULT 0,
    manifest TEXT NULL, with_pii TINYINT NOT NULL, requested_by ${ID} NOT NULL, requested_at DATETIME(3) NOT NULL,
    finished_at DATETIME(3) NULL, expires_at DATETIME(3) NULL, is_open TINYINT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_at_a_time (org_id, is_open), KEY by_end (expires_at)
  )`);
  await sql(`CREATE TABLE journal_export_parts (
    org_id ${ID} NOT NULL, export_id ${ID} NOT NULL, part INT UNSIGNED NOT NULL, body MEDIUMBLOB NOT NULL,
    PRIMARY KEY (org_id, export_id, part),
    CONSTRAINT part_of_export FOREIGN KEY (org_id, export_id) REFERENCES journal_exports (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['journal_export_parts', 'journal_exports', 'journal_alerts', 'journal_holds'])
    await sql(`DROP TABLE ${table}`);
};
