import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const HASH = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE journal_signing_keys (
    key_id CHAR(16) CHARACTER SET ascii NOT NULL, public_key VARCHAR(200) CHARACTER SET ascii NOT NULL,
    made_at DATETIME(3) NOT NULL, PRIMARY KEY (key_id)
  )`);
  await sql(`CREATE TABLE journal_checkpoints (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, seq BIGINT UNSIGNED NOT NULL, hash ${HASH} NOT NULL,
    entry_count BIGINT UNSIGNED NOT NULL, at DATETIME(3) NOT NULL, signed VARCHAR(600) NOT NULL,
    key_id CHAR(16) CHARACTER SET ascii NOT NULL, signature VARCHAR(100) CHARACTER SET ascii NOT NULL,
    anchors VARCHAR(1000) NOT NULL, anchored_at DATETIME(3) NULL, unanchored TINYINT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_of_seq (org_id, seq), KEY waiting (unanchored)
  )`);
  // One check of a chain at a time: only one that is not over holds the key.
  await sql(`CREATE TABLE journal_verifications (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, kind ENUM('asked', 'daily', 'full') NOT NULL,
    status ENUM('queued', 'running', 'done', 'failed') NOT NULL, is_ok TINYINT NULL,
    from_seq BIGINT UNSIGNED NOT NULL, from_hash ${HASH} NOT NULL, to_seq BIGINT UNSIGNED NULL, to_hash ${HASH} NULL,
    checked BIGINT UNSIGNED NOT NULL DEFAULT 0, breaks MEDIUMTEXT NOT NULL, requested_by ${ID} NULL,
    requested_at DATETIME(3) NOT NULL, finished_at DATETIME(3) NULL, is_open TINYINT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_at_a_time (org_id, is_open),
    CONSTRAINT check_is_over CHECK ((is_open IS NULL) = (status IN ('done', 'failed')))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['journal_verifications', 'journal_checkpoints', 'journal_signing_keys'])
    await sql(`DROP TABLE ${table}`);
};
