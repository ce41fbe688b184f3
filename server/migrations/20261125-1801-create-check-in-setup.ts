import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE check_in_rules (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, type VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    branch_id ${ID} NULL, role VARCHAR(20) NULL, scope_key VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings TEXT NOT NULL, version INT UNSIGNED NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_each (org_id, type, scope_key),
    CONSTRAINT rule_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id)
  )`);
  await sql(`CREATE TABLE enrolled_devices (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL,
    public_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, platform VARCHAR(10) NOT NULL, model VARCHAR(120) NOT NULL,
    attestation TEXT NULL, state ENUM('pending', 'trusted', 'blocked') NOT NULL, enrolled_at DATETIME(3) NOT NULL,
    removed_at DATETIME(3) NULL, synced_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_key (org_id, public_key), KEY of_person (org_id, user_id, id),
    CONSTRAINT enrolled_by_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE device_boots (
    org_id ${ID} NOT NULL, device_id ${ID} NOT NULL, boot_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    first_server_ms BIGINT NOT NULL, server_ms BIGINT NOT NULL, mono_ms BIGINT NOT NULL, clock_offset_ms BIGINT NOT NULL,
    PRIMARY KEY (org_id, device_id, boot_id), KEY in_order (org_id, device_id, server_ms),
    CONSTRAINT boot_of_device FOREIGN KEY (org_id, device_id) REFERENCES enrolled_devices (org_id, id)
  )`);
  await sql(`CREATE TABLE photo_nonces (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, nonce VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    gesture VARCHAR(40) NULL, expires_at DATETIME(3) NOT NULL, check_in_id ${ID} NULL, used_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, user_id, nonce), KEY old (expires_at),
    CONSTRAINT nonce_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE check_in_photos (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, check_in_id ${ID} NOT NULL, user_id ${ID} NOT NULL,
    storage_key VARCHAR(120) NULL, target_id ${ID} NULL, sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    phash BIGINT UNSIGNED NOT NULL, captured_at DATETIME(3) NOT NULL, exif TEXT NOT NULL, nonce VARCHAR(64) NOT NULL,
    verdict ENUM('pending', 'ok', 'mismatch', 'duplicate') NOT NULL, expires_at DATETIME(3) NULL, created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_photo (org_id, check_in_id), KEY recent (org_id, created_at), KEY to_drop (expires_at),
    CONSTRAINT photo_of_mark FOREIGN KEY (org_id, check_in_id) REFERENCES check_in_marks (org_id, id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['check_in_photos', 'photo_nonces', 'device_boots', 'enrolled_devices', 'check_in_rules'])
    await sql(`DROP TABLE ${table}`);
};
