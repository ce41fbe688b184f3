import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // One row for whoever looked at the same in the same way within an hour.
  await sql(`CREATE TABLE watch_log (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, viewer_id ${ID} NOT NULL, subject_id ${ID} NOT NULL,
    is_branch BOOLEAN NOT NULL, what ENUM('position', 'track', 'trips', 'live', 'export', 'share') NOT NULL,
    hour_at DATETIME NOT NULL, reason VARCHAR(300) NULL, first_at DATETIME(3) NOT NULL, last_at DATETIME(3) NOT NULL,
    times INT UNSIGNED NOT NULL DEFAULT 1, PRIMARY KEY (org_id, id),
    UNIQUE KEY one_an_hour (org_id, subject_id, viewer_id, what, hour_at), KEY by_subject (org_id, subject_id, last_at, id),
    CONSTRAINT look_of_user FOREIGN KEY (org_id, viewer_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE open_looks (
    org_id ${ID} NOT NULL, viewer_id ${ID} NOT NULL, subject_id ${ID} NOT NULL, is_branch BOOLEAN NOT NULL,
    reason VARCHAR(300) NOT NULL, until_at DATETIME(3) NOT NULL, PRIMARY KEY (org_id, viewer_id, subject_id),
    CONSTRAINT open_look_of_user FOREIGN KEY (org_id, viewer_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE position_shares (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, detail ENUM('exact', 'cell') NOT NULL,
    token_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, created_by ${ID} NOT NULL,
    created_at DATETIME(3) NOT NULL, expires_at DATETIME(3) NOT NULL, revoked_at DATETIME(3) NULL,
    opens INT UNSIGNED NOT NULL DEFAULT 0, last_opened_at DATETIME(3) NULL, PRIMARY KEY (org_id, id),
    UNIQUE KEY one_token (org_id, token_hash),
    CONSTRAINT share_is_short CHECK (expires_at <= created_at + INTERVAL 24 HOUR),
    CONSTRAINT share_of_user FOREIGN KEY (org_id, created_by) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE position_share_trackables (
    org_id ${ID} NOT NULL, share_id ${ID} NOT NULL, position SMALLINT UNSIGNED NOT NULL, trackable_id ${ID} NOT NULL,
    PRIMARY KEY (org_id, share_id, position), UNIQUE KEY once (org_id, share_id, trackable_id),
    CONSTRAINT shown_by_share FOREIGN KEY (org_id, share_id) REFERENCES position_shares (org_id, id) ON DELETE CASCADE,
    CONSTRAINT shown_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE mileage_closes (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, month CHAR(7) CHARACTER SET ascii NOT NULL, trips INT UNSIGNED NOT NULL,
    km TEXT NOT NULL, rows_json MEDIUMTEXT NOT NULL, digest CHAR(64) CHARACTER SET ascii NOT NULL, closed_at DATETIME(3) NOT NULL,
    closed_by ${ID} NULL, PRIMARY KEY (org_id, trackable_id, month), KEY by_closing (org_id, closed_at, trackable_id, month),
    CONSTRAINT mileage_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE
  )`);
  // What has been made coarse already, so that a night does not read it again.
  await sql(`CREATE TABLE coarse_days (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, utc_day INT NOT NULL, state ENUM('coarse', 'gone') NOT NULL,
    PRIMARY KEY (org_id, trackable_id, utc_day)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of [
    'coarse_days',
    'mileage_closes',
    'position_share_trackables',
    'position_shares',
    'open_looks',
    'watch_log',
  ])
    await sql(`DROP TABLE ${table}`);
};
