import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const KEY = 'VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE goals (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL,
    owner_type ENUM('user', 'branch', 'organisation') NOT NULL, owner_id ${ID} NOT NULL, user_id ${ID} NULL,
    branch_id ${ID} NULL, metric ${KEY} NULL, unit VARCHAR(20) NOT NULL, start_value DOUBLE NOT NULL, target DOUBLE NOT NULL,
    from_date DATE NOT NULL, to_date DATE NOT NULL, at_risk_since DATETIME(3) NULL, created_by ${ID} NOT NULL,
    created_at DATETIME(3) NOT NULL, version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY by_owner (org_id, owner_id), KEY by_metric (org_id, metric),
    CONSTRAINT goal_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT goal_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT goal_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT goal_dates_in_order CHECK (from_date <= to_date), CONSTRAINT goal_goes_somewhere CHECK (start_value <> target)
  )`);
  await sql(`CREATE TABLE goal_points (
    org_id ${ID} NOT NULL, goal_id ${ID} NOT NULL, date DATE NOT NULL, value DOUBLE NOT NULL,
    PRIMARY KEY (org_id, goal_id, date),
    CONSTRAINT point_of_goal FOREIGN KEY (org_id, goal_id) REFERENCES goals (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['goal_points', 'goals']) await sql(`DROP TABLE ${table}`);
};
