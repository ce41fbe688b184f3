import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const NAME = 'VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin';
const LEVEL = "ENUM('platform', 'organisation', 'branch', 'user')";

export const up: Migration['up'] = async ({ sql }) => {
  // What is set for the whole hub has twenty-six zeros as its organisation; `tenant_id`, `branch_id` and `user_id` name
  // the owner where it is a row, so that nothing is set for an owner of another organisation.
  await sql(`CREATE TABLE config_values (
    org_id ${ID} NOT NULL, level ${LEVEL} NOT NULL, owner_id ${ID} NOT NULL, name ${NAME} NOT NULL,
    tenant_id ${ID} NULL, branch_id ${ID} NULL, user_id ${ID} NULL,
    is_set TINYINT NOT NULL, value TEXT NULL, sealed BLOB NULL, last4 VARCHAR(16) NULL,
    is_locked TINYINT NOT NULL DEFAULT 0, updated_by ${ID} NULL, updated_at DATETIME(3) NOT NULL, version INT NOT NULL,
    PRIMARY KEY (org_id, level, owner_id, name),
    KEY by_name (name, level), KEY of_branch (tenant_id, branch_id), KEY of_user (tenant_id, user_id),
    CONSTRAINT config_of_organisation FOREIGN KEY (tenant_id) REFERENCES organisations (id) ON DELETE CASCADE,
    CONSTRAINT config_of_branch FOREIGN KEY (tenant_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE,
    CONSTRAINT config_of_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE,
    CONSTRAINT config_is_set CHECK (is_set = ((value IS NOT NULL) OR (sealed IS NOT NULL))),
    CONSTRAINT config_one_form CHECK (value IS NULL OR sealed IS NULL),
    CONSTRAINT config_of_hub CHECK ((level = 'platform') = (org_id = '00000000000000000000000000'))
  )`);
  await sql(`CREATE TABLE config_versions (
    org_id ${ID} NOT NULL, n BIGINT UNSIGNED NOT NULL, at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id), KEY by_time (at)
  )`);
  await sql(`CREATE TABLE config_change_sets (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, state ENUM('draft', 'scheduled', 'applied', 'rolled_back') NOT NULL,
    items MEDIUMTEXT NULL, sealed_items MEDIUMBLOB NULL, apply_at DATETIME(3) NULL, applied_at DATETIME(3) NULL,
    reason VARCHAR(300) NULL, created_by ${ID} NOT NULL, created_at DATETIME(3) NOT NULL,
    failure VARCHAR(500) NULL, version INT NOT NULL,
    PRIMARY KEY (org_id, id), KEY due (state, apply_at),
    CONSTRAINT change_set_by FOREIGN KEY (org_id, created_by) REFERENCES users (org_id, id),
    CONSTRAINT change_set_when CHECK ((state = 'scheduled') <= (apply_at IS NOT NULL)),
    CONSTRAINT change_set_done CHECK ((state IN ('applied', 'rolled_back')) = (applied_at IS NOT NULL))
  )`);
  await sql(`CREATE TABLE config_changes (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, level ${LEVEL} NOT NULL, owner_id ${ID} NOT NULL, name ${NAME} NOT NULL,
    old_value TEXT NULL, new_value TEXT NULL, old_hash CHAR(64) CHARACTER SET ascii NULL,
    new_hash CHAR(64) CHARACTER SET ascii NULL, was_locked TINYINT NOT NULL, is_locked TINYINT NOT NULL,
    is_secret TINYINT NOT NULL, actor_id ${ID} NULL, reason VARCHAR(300) NULL, change_set_id ${ID} NULL,
    at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), KEY of_key (org_id, name, id), KEY of_owner (org_id, level, owner_id, id),
    KEY of_set (org_id, change_set_id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['config_changes', 'config_change_sets', 'config_versions', 'config_values'])
    await sql(`DROP TABLE ${table}`);
};
