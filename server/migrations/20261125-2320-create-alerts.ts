import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const KEY = 'VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin';
const HASH = 'CHAR(32) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE alert_rules (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, metric ${KEY} NOT NULL, branch_id ${ID} NULL,
    expr TEXT NOT NULL, where_dims TEXT NOT NULL, by_dims TEXT NOT NULL, for_sec INT UNSIGNED NOT NULL,
    keep_firing_sec INT UNSIGNED NOT NULL, no_data ENUM('ok', 'alert', 'keep') NOT NULL,
    severity ENUM('info', 'warning', 'critical') NOT NULL, targets TEXT NOT NULL, mute_windows TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL, created_by ${ID} NOT NULL, created_at DATETIME(3) NOT NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY enabled (is_enabled, org_id),
    CONSTRAINT rule_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT rule_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT rule_of_user FOREIGN KEY (org_id, created_by) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE alerts (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, rule_id ${ID} NOT NULL, dims_hash ${HASH} NOT NULL, dims TEXT NOT NULL,
    state ENUM('inactive', 'pending', 'firing') NOT NULL, since DATETIME(3) NOT NULL, fired_at DATETIME(3) NULL,
    calm_since DATETIME(3) NULL, told_at DATETIME(3) NULL, resolved_at DATETIME(3) NULL, has_no_data BOOLEAN NOT NULL,
    value DOUBLE NULL, judged_at DATETIME(3) NOT NULL, acked_by ${ID} NULL, acked_at DATETIME(3) NULL,
    muted_until DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_of_each (org_id, rule_id, dims_hash),
    CONSTRAINT alert_of_rule FOREIGN KEY (org_id, rule_id) REFERENCES alert_rules (org_id, id) ON DELETE CASCADE,
    CONSTRAINT alert_acked_by FOREIGN KEY (org_id, acked_by) REFERENCES users (org_id, id),
    CONSTRAINT firing_since CHECK ((state = 'firing') = (fired_at IS NOT NULL))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['alerts', 'alert_rules']) await sql(`DROP TABLE ${table}`);
};
