import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

/**
 * `location_keys` stands apart, so that its backups can be thrown away sooner than those of the data: a key that is
 * destroyed here then takes every copy of what it sealed along.
 */
export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE location_keys (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, month INT UNSIGNED NOT NULL,
    wrapped VARBINARY(200) NULL, destroyed_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, user_id, month),
    CONSTRAINT key_or_its_end CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
  )`);
  await sql(`CREATE TABLE privacy_profiles (
    org_id ${ID} NOT NULL, notice_version INT UNSIGNED NOT NULL, notice_text TEXT NULL,
    coarse_after_days INT UNSIGNED NOT NULL, raw_days INT UNSIGNED NOT NULL, photo_days INT UNSIGNED NOT NULL,
    track_only_on_shift BOOLEAN NOT NULL, reason_required BOOLEAN NOT NULL, version INT UNSIGNED NOT NULL,
    PRIMARY KEY (org_id),
    CONSTRAINT profile_of_org FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT coarse_before_gone CHECK (coarse_after_days <= raw_days)
  )`);
  await sql(`CREATE TABLE notice_acks (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, version INT UNSIGNED NOT NULL, at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id, version),
    CONSTRAINT ack_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE location_access_log (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, viewer_id ${ID} NOT NULL, subject_id ${ID} NOT NULL,
    scope VARCHAR(40) NOT NULL, reason VARCHAR(300) NULL, at DATETIME(3) NOT NULL, row_count INT UNSIGNED NOT NULL,
    PRIMARY KEY (org_id, id), KEY of_subject (org_id, subject_id, id),
    CONSTRAINT look_at_user FOREIGN KEY (org_id, subject_id) REFERENCES users (org_id, id),
    CONSTRAINT look_by_user FOREIGN KEY (org_id, viewer_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE location_requests (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, kind ENUM('export', 'erase') NOT NULL,
    state ENUM('open', 'done', 'refused') NOT NULL, open_mark TINYINT NULL, reason VARCHAR(500) NULL,
    requested_at DATETIME(3) NOT NULL, decided_at DATETIME(3) NULL, decided_by ${ID} NULL, answer VARCHAR(500) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open_request (org_id, user_id, kind, open_mark),
    CONSTRAINT request_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT open_request_is_marked CHECK ((state = 'open') = (open_mark IS NOT NULL))
  )`);
  await sql(`CREATE TABLE location_holds (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, open_mark TINYINT NULL, reason VARCHAR(500) NOT NULL,
    placed_by ${ID} NOT NULL, placed_at DATETIME(3) NOT NULL, released_at DATETIME(3) NULL, released_by ${ID} NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open_hold (org_id, user_id, open_mark),
    CONSTRAINT hold_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT open_hold_is_marked CHECK ((released_at IS NULL) = (open_mark IS NOT NULL))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of [
    'location_holds',
    'location_requests',
    'location_access_log',
    'notice_acks',
    'privacy_profiles',
    'location_keys',
  ])
    await sql(`DROP TABLE ${table}`);
};
