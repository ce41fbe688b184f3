import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const HASH = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';
const NAME = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // Partitions for today and the days to come are made by the worker; days past are dropped whole.
  await sql(`CREATE TABLE journal_operations (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, day INT NOT NULL, kind ENUM('access_log', 'error_log') NOT NULL,
    at DATETIME(3) NOT NULL, data TEXT ${NAME} NOT NULL, batch_id ${ID} NULL, unbatched TINYINT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id, day), KEY waiting (unbatched, org_id), KEY of_batch (org_id, batch_id)
  ) PARTITION BY RANGE (day) (PARTITION ahead VALUES LESS THAN MAXVALUE)`);
  await sql(`CREATE TABLE journal_batches (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, at DATETIME(3) NOT NULL, count INT UNSIGNED NOT NULL, root ${HASH} NOT NULL,
    PRIMARY KEY (org_id, id)
  )`);
  await sql(`CREATE TABLE journal_errors (
    org_id ${ID} NOT NULL, fingerprint CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(80) ${NAME} NOT NULL, message VARCHAR(500) ${NAME} NOT NULL, place VARCHAR(160) ${NAME} NOT NULL,
    stack TEXT ${NAME} NOT NULL, count BIGINT UNSIGNED NOT NULL,
    first_seen_at DATETIME(3) NOT NULL, last_seen_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, fingerprint), KEY by_last (org_id, last_seen_at)
  )`);
  await sql(`CREATE TABLE journal_metrics (
    org_id ${ID} NOT NULL, name VARCHAR(160) ${NAME} NOT NULL, minute INT UNSIGNED NOT NULL, node ${ID} NOT NULL,
    buckets TEXT CHARACTER SET ascii NOT NULL, PRIMARY KEY (org_id, name, minute, node), KEY by_age (minute)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['journal_metrics', 'journal_errors', 'journal_batches', 'journal_operations'])
    await sql(`DROP TABLE ${table}`);
};
