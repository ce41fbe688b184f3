import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE api_keys (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, created_by ${ID} NOT NULL,
    name VARCHAR(120) NOT NULL, prefix CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    permissions TEXT NOT NULL, ip_allow TEXT NOT NULL,
    created_at DATETIME(3) NOT NULL, expires_at DATETIME(3) NOT NULL, last_used_at DATETIME(3) NULL,
    revoked_at DATETIME(3) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_secret (sha256), UNIQUE KEY one_account (org_id, user_id),
    KEY by_creator (org_id, created_by),
    CONSTRAINT api_key_of_account FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT api_key_by_user FOREIGN KEY (org_id, created_by) REFERENCES users (org_id, id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE api_keys');
};
