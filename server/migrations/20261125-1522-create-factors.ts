import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const SHA256 = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE factors (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, kind ENUM('totp') NOT NULL,
    name VARCHAR(120) NOT NULL, secret_cipher VARBINARY(255) NOT NULL, created_at DATETIME(3) NOT NULL,
    confirmed_at DATETIME(3) NULL, last_used_step BIGINT NULL,
    PRIMARY KEY (org_id, id), KEY of_user (org_id, user_id),
    CONSTRAINT factor_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  // Counted beside the transactions that fail with them, so nothing here may wait for a row that those hold.
  await sql(`CREATE TABLE factor_failures (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, failures INT NOT NULL, last_failed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id), KEY by_age (last_failed_at)
  )`);
  await sql(`CREATE TABLE recovery_codes (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, sha256 ${SHA256} NOT NULL,
    created_at DATETIME(3) NOT NULL, used_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, user_id, sha256),
    CONSTRAINT recovery_code_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE trusted_devices (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, token_sha256 ${SHA256} NOT NULL,
    name VARCHAR(120) NOT NULL, created_at DATETIME(3) NOT NULL, last_used_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_token (org_id, token_sha256), KEY of_user (org_id, user_id),
    KEY by_end (expires_at),
    CONSTRAINT trusted_device_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE factor_challenges (
    token_sha256 ${SHA256} NOT NULL, org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, opening TEXT NOT NULL,
    expires_at DATETIME(3) NOT NULL, tries TINYINT UNSIGNED NOT NULL DEFAULT 0, used_at DATETIME(3) NULL,
    PRIMARY KEY (token_sha256), KEY by_end (expires_at),
    CONSTRAINT challenge_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['factor_challenges', 'trusted_devices', 'recovery_codes', 'factor_failures', 'factors'])
    await sql(`DROP TABLE ${table}`);
};
