import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE overtime_policies (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL,
    preset VARCHAR(20) CHARACTER SET ascii NULL, is_default BOOLEAN NOT NULL DEFAULT FALSE, default_mark TINYINT NULL,
    rules TEXT NOT NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_policy_name (org_id, name), UNIQUE KEY one_default_policy (org_id, default_mark),
    CONSTRAINT policy_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT default_policy_is_marked CHECK (is_default = (default_mark IS NOT NULL) AND (default_mark IS NULL OR default_mark = 1))
  )`);
  await sql(`CREATE TABLE shift_templates (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL,
    start_local CHAR(5) CHARACTER SET ascii NOT NULL, end_local CHAR(5) CHARACTER SET ascii NOT NULL,
    window_before_min SMALLINT UNSIGNED NOT NULL, window_after_min SMALLINT UNSIGNED NOT NULL,
    grace_late_min SMALLINT UNSIGNED NOT NULL, grace_early_min SMALLINT UNSIGNED NOT NULL,
    breaks TEXT NOT NULL, min_half_day_min SMALLINT UNSIGNED NOT NULL, min_present_min SMALLINT UNSIGNED NOT NULL,
    rounding TEXT NOT NULL, overtime_policy_id ${ID} NULL,
    night_from CHAR(5) CHARACTER SET ascii NOT NULL, night_to CHAR(5) CHARACTER SET ascii NOT NULL,
    is_paid BOOLEAN NOT NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_shift_name (org_id, name), KEY by_policy (org_id, overtime_policy_id),
    CONSTRAINT shift_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT shift_has_policy FOREIGN KEY (org_id, overtime_policy_id) REFERENCES overtime_policies (org_id, id),
    CONSTRAINT half_before_whole CHECK (min_half_day_min <= min_present_min)
  )`);
  // What is planned is compared under the lock of its target's row here: no key can say that intervals do not overlap.
  await sql(`CREATE TABLE roster_targets (
    org_id ${ID} NOT NULL, target_type ENUM('user', 'team', 'branch') NOT NULL, target_id ${ID} NOT NULL,
    changes INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, target_type, target_id)
  )`);
  await sql(`CREATE TABLE shift_assignments (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, target_type ENUM('user', 'team', 'branch') NOT NULL, target_id ${ID} NOT NULL,
    shift_id ${ID} NOT NULL, from_date DATE NOT NULL, to_date DATE NULL, cycle TEXT NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY of_target (org_id, target_type, target_id, from_date), KEY of_shift (org_id, shift_id),
    CONSTRAINT assignment_of_shift FOREIGN KEY (org_id, shift_id) REFERENCES shift_templates (org_id, id),
    CONSTRAINT assignment_of_target FOREIGN KEY (org_id, target_type, target_id)
      REFERENCES roster_targets (org_id, target_type, target_id),
    CONSTRAINT assignment_has_length CHECK (to_date IS NULL OR to_date > from_date)
  )`);
  await sql(`CREATE TABLE roster_overrides (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, date DATE NOT NULL, shift_id ${ID} NULL,
    note VARCHAR(300) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_override (org_id, user_id, date), KEY of_shift (org_id, shift_id),
    CONSTRAINT roster_override_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT override_of_shift FOREIGN KEY (org_id, shift_id) REFERENCES shift_templates (org_id, id)
  )`);
  // What attendance may read of other rooms' tables, and nothing beside.
  await sql(`CREATE VIEW attendance_people AS
    SELECT org_id, id AS user_id, name, employee_no, status, kind, home_branch_id, started_on, ended_on, deactivated_at FROM users`);
  await sql(`CREATE VIEW attendance_places AS
    SELECT org_id, user_id, branch_id, is_primary, from_date, to_date FROM branch_memberships`);
  await sql('CREATE VIEW attendance_teams AS SELECT org_id, team_id, user_id, from_at, to_at FROM team_members');
  await sql(
    "CREATE VIEW attendance_branches AS SELECT org_id, id AS branch_id, timezone FROM branches WHERE status = 'active'",
  );
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const view of ['branches', 'teams', 'places', 'people']) await sql(`DROP VIEW attendance_${view}`);
  for (const table of [
    'roster_overrides',
    'shift_assignments',
    'roster_targets',
    'shift_templates',
    'overtime_policies',
  ])
    await sql(`DROP TABLE ${table}`);
};
