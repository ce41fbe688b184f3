import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE trackables (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, live_key INT UNSIGNED NOT NULL,
    kind ENUM('user', 'vehicle', 'asset', 'device') NOT NULL, ref_id ${ID} NOT NULL, name VARCHAR(120) NOT NULL,
    branch_id ${ID} NOT NULL, user_id ${ID} NULL, lost_at DATETIME(3) NULL, created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_key (org_id, live_key), UNIQUE KEY one_of_each (org_id, kind, ref_id),
    KEY by_name (org_id, name, id), KEY by_branch (org_id, branch_id),
    CONSTRAINT trackable_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT trackable_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE devices (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL,
    created_at DATETIME(3) NOT NULL, PRIMARY KEY (org_id, id), UNIQUE KEY one_device (id),
    CONSTRAINT device_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT device_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id)
  )`);
  // The partition column must be part of every unique key, and partitioned tables take no foreign keys.
  await sql(`CREATE TABLE fixes (
    org_id ${ID} NOT NULL, device_id ${ID} NOT NULL, boot ${ID} NOT NULL, n INT UNSIGNED NOT NULL, at DATETIME(3) NOT NULL,
    trackable_id ${ID} NOT NULL, received_at DATETIME(3) NOT NULL, segment SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    lat_e7 INT NOT NULL, lng_e7 INT NOT NULL, accuracy_m FLOAT NOT NULL, altitude_m FLOAT NULL, speed_mps FLOAT NULL,
    heading_deg FLOAT NULL, battery FLOAT NULL, flags SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, device_id, boot, n, at), KEY by_track (org_id, trackable_id, at)
  ) PARTITION BY RANGE COLUMNS (at) (PARTITION past VALUES LESS THAN ('2026-11-01'), PARTITION ahead VALUES LESS THAN (MAXVALUE))`);
  await sql(`CREATE TABLE last_positions (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, at DATETIME(3) NOT NULL, received_at DATETIME(3) NOT NULL,
    lat_e7 INT NOT NULL, lng_e7 INT NOT NULL, accuracy_m FLOAT NOT NULL, speed_mps FLOAT NULL, heading_deg FLOAT NULL,
    battery FLOAT NULL, flags SMALLINT UNSIGNED NOT NULL DEFAULT 0, heard_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, trackable_id), KEY by_silence (heard_at),
    CONSTRAINT last_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE track_queue (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, mark INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, trackable_id)
  )`);
  await sql(`CREATE TABLE track_states (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, followed_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, trackable_id),
    CONSTRAINT state_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE fence_states (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, state ENUM('in', 'out') NOT NULL,
    since DATETIME(3) NOT NULL, pending_at DATETIME(3) NULL, PRIMARY KEY (org_id, trackable_id, branch_id),
    CONSTRAINT fence_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE,
    CONSTRAINT fence_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of [
    'fence_states',
    'track_states',
    'track_queue',
    'last_positions',
    'fixes',
    'devices',
    'trackables',
  ])
    await sql(`DROP TABLE ${table}`);
};
