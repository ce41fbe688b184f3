import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const KEY = 'VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // Flags belong to the hub; `owner_org_id` says where their owner is told.
  await sql(`CREATE TABLE flags (
    id ${ID} NOT NULL, flag_key ${KEY} NOT NULL,
    type ENUM('release', 'experiment', 'operational', 'kill_switch', 'permission') NOT NULL,
    description VARCHAR(500) NOT NULL, is_enabled TINYINT NOT NULL, is_public TINYINT NOT NULL,
    is_tenant_controllable TINYINT NOT NULL, is_permanent TINYINT NOT NULL, prerequisites TEXT NOT NULL,
    required_feature VARCHAR(60) CHARACTER SET ascii NULL, expires_on DATETIME(3) NULL, variants MEDIUMTEXT NOT NULL,
    rules MEDIUMTEXT NOT NULL, owner_org_id ${ID} NOT NULL, owner_id ${ID} NOT NULL, created_at DATETIME(3) NOT NULL,
    archived_at DATETIME(3) NULL, stale_told_at DATETIME(3) NULL, version INT NOT NULL,
    PRIMARY KEY (id), UNIQUE KEY one_key (flag_key),
    CONSTRAINT flag_owner FOREIGN KEY (owner_org_id, owner_id) REFERENCES users (org_id, id)
  )`);
  // An override of the whole organisation has twenty-six zeros as its person.
  await sql(`CREATE TABLE flag_overrides (
    org_id ${ID} NOT NULL, flag_id ${ID} NOT NULL, subject_id ${ID} NOT NULL, user_id ${ID} NULL,
    is_on TINYINT NOT NULL, expires_at DATETIME(3) NULL, set_by ${ID} NOT NULL, set_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, flag_id, subject_id), KEY of_user (org_id, user_id), KEY of_flag (flag_id),
    CONSTRAINT override_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id) ON DELETE CASCADE,
    CONSTRAINT override_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE,
    CONSTRAINT override_of_flag FOREIGN KEY (flag_id) REFERENCES flags (id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE flag_usage_hourly (
    flag_key ${KEY} NOT NULL, hour DATETIME NOT NULL, answer VARCHAR(64) COLLATE utf8mb4_bin NOT NULL, n BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (flag_key, hour, answer)
  )`);
  await sql(
    `CREATE TABLE flag_usage_batches (id ${ID} NOT NULL, at DATETIME(3) NOT NULL, PRIMARY KEY (id), KEY by_time (at))`,
  );
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['flag_usage_batches', 'flag_usage_hourly', 'flag_overrides', 'flags'])
    await sql(`DROP TABLE ${table}`);
};
