import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const STATE = "ENUM('untested', 'ok', 'failing', 'disabled')";

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE config_secrets (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, sealed BLOB NOT NULL, last4 VARCHAR(16) NULL, rotated_at DATETIME(3) NOT NULL,
    previous_sealed BLOB NULL, previous_until DATETIME(3) NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT secret_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id) ON DELETE CASCADE,
    CONSTRAINT secret_overlap CHECK ((previous_sealed IS NULL) = (previous_until IS NULL))
  )`);
  await sql(`CREATE TABLE integrations (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, kind VARCHAR(20) CHARACTER SET ascii NOT NULL, name VARCHAR(120) NOT NULL,
    config TEXT NOT NULL, secret_id ${ID} NULL, state ${STATE} NOT NULL, last_check_at DATETIME(3) NULL,
    last_error VARCHAR(500) NULL, failures INT UNSIGNED NOT NULL DEFAULT 0, created_at DATETIME(3) NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (org_id, id), KEY by_id (id),
    CONSTRAINT integration_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id) ON DELETE CASCADE,
    CONSTRAINT integration_secret FOREIGN KEY (org_id, secret_id) REFERENCES config_secrets (org_id, id)
  )`);
  await sql(`CREATE TABLE storage_targets (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, place TEXT NOT NULL, secret_id ${ID} NULL,
    max_file_mb INT UNSIGNED NOT NULL, mime_allow TEXT NOT NULL, url_ttl_sec INT UNSIGNED NOT NULL,
    quota_bytes BIGINT UNSIGNED NULL, retention ENUM('temporary', 'standard', 'archive') NOT NULL, scan_url VARCHAR(500) NULL,
    state ${STATE} NOT NULL, last_check_at DATETIME(3) NULL, last_error VARCHAR(500) NULL,
    created_at DATETIME(3) NOT NULL, version INT NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT storage_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id) ON DELETE CASCADE,
    CONSTRAINT storage_secret FOREIGN KEY (org_id, secret_id) REFERENCES config_secrets (org_id, id),
    CONSTRAINT storage_link_is_short CHECK (url_ttl_sec <= 3600)
  )`);
  await sql(`CREATE TABLE storage_routes (
    org_id ${ID} NOT NULL, kind ENUM('photos', 'documents', 'exports') NOT NULL, target_id ${ID} NOT NULL,
    PRIMARY KEY (org_id, kind),
    CONSTRAINT route_to_target FOREIGN KEY (org_id, target_id) REFERENCES storage_targets (org_id, id)
  )`);
  // One migration of a target at a time, told by the unique key, since what is done has none.
  await sql(`CREATE TABLE storage_migrations (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, from_id ${ID} NOT NULL, to_id ${ID} NOT NULL, is_running TINYINT NULL,
    state ENUM('running', 'done', 'failed') NOT NULL, copied INT UNSIGNED NOT NULL DEFAULT 0,
    bytes BIGINT UNSIGNED NOT NULL DEFAULT 0, up_to VARCHAR(512) NULL, failure VARCHAR(500) NULL,
    started_at DATETIME(3) NOT NULL, finished_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_at_a_time (org_id, from_id, is_running),
    CONSTRAINT migration_from FOREIGN KEY (org_id, from_id) REFERENCES storage_targets (org_id, id) ON DELETE CASCADE,
    CONSTRAINT migration_to FOREIGN KEY (org_id, to_id) REFERENCES storage_targets (org_id, id) ON DELETE CASCADE,
    CONSTRAINT migration_state CHECK ((state = 'running') = (is_running IS NOT NULL))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['storage_migrations', 'storage_routes', 'storage_targets', 'integrations', 'config_secrets'])
    await sql(`DROP TABLE ${table}`);
};
