import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const SHA256 = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE credentials (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, password_hash VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    changed_at DATETIME(3) NOT NULL, PRIMARY KEY (org_id, user_id),
    CONSTRAINT credential_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE sessions (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, device_name VARCHAR(120) NOT NULL,
    ip VARCHAR(45) CHARACTER SET ascii NOT NULL, state ENUM('active', 'revoked', 'expired', 'compromised') NOT NULL,
    created_at DATETIME(3) NOT NULL, last_seen_at DATETIME(3) NOT NULL,
    idle_expires_at DATETIME(3) NOT NULL, absolute_expires_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), KEY of_user (org_id, user_id, state, id),
    CONSTRAINT session_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE refresh_tokens (
    token_sha256 ${SHA256} NOT NULL, org_id ${ID} NOT NULL, session_id ${ID} NOT NULL,
    status ENUM('active', 'rotated', 'revoked') NOT NULL, issued_at DATETIME(3) NOT NULL, rotated_at DATETIME(3) NULL,
    successor_sha256 ${SHA256} NULL, PRIMARY KEY (token_sha256), KEY of_session (org_id, session_id),
    CONSTRAINT token_of_session FOREIGN KEY (org_id, session_id) REFERENCES sessions (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE signing_keys (
    kid CHAR(26) CHARACTER SET ascii NOT NULL, public_jwk TEXT NOT NULL, private_cipher VARBINARY(2048) NOT NULL,
    not_before DATETIME(3) NOT NULL, retire_at DATETIME(3) NOT NULL, PRIMARY KEY (kid)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['signing_keys', 'refresh_tokens', 'sessions', 'credentials']) await sql(`DROP TABLE ${table}`);
};
