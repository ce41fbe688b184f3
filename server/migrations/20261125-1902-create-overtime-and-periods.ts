import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE overtime_claims (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, day_id ${ID} NOT NULL, bucket TINYINT UNSIGNED NOT NULL,
    user_id ${ID} NOT NULL, branch_id ${ID} NULL, work_date DATE NOT NULL,
    seconds INT UNSIGNED NOT NULL, approved_sec INT UNSIGNED NOT NULL DEFAULT 0, factor_ppm INT UNSIGNED NOT NULL,
    state ENUM('pending', 'approved', 'rejected', 'auto') NOT NULL, settled_as ENUM('pay', 'time-off') NULL,
    approver_id ${ID} NULL, note VARCHAR(500) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_claim (org_id, day_id, bucket),
    KEY of_person (org_id, user_id, work_date), KEY by_state (org_id, state, id),
    CONSTRAINT claim_of_day FOREIGN KEY (org_id, day_id) REFERENCES attendance_days (org_id, id) ON DELETE CASCADE,
    CONSTRAINT two_buckets CHECK (bucket IN (1, 2))
  )`);
  await sql(`CREATE TABLE overtime_requests (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NULL, date DATE NOT NULL,
    minutes SMALLINT UNSIGNED NOT NULL, reason VARCHAR(500) NOT NULL,
    state ENUM('pending', 'approved', 'rejected', 'withdrawn') NOT NULL, requested_at DATETIME(3) NOT NULL,
    decided_by ${ID} NULL, decided_at DATETIME(3) NULL, note VARCHAR(500) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY of_person (org_id, user_id, date), KEY by_state (org_id, state, id),
    CONSTRAINT overtime_request_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  // Of several workers the one that writes the row tells it.
  await sql(`CREATE TABLE overtime_warnings (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, week_start DATE NOT NULL, kind ENUM('80', '100', 'mean', 'cap') NOT NULL,
    week_sec INT UNSIGNED NOT NULL, at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id, week_start, kind),
    CONSTRAINT warning_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE timesheet_periods (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NULL, branch_id ${ID} NULL,
    from_date DATE NOT NULL, to_date DATE NOT NULL, state ENUM('open', 'submitted', 'approved', 'locked') NOT NULL,
    submitted_by ${ID} NULL, approved_by ${ID} NULL, locked_by ${ID} NULL, locked_at DATETIME(3) NULL,
    reopen_reason VARCHAR(500) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY of_person (org_id, user_id, from_date), KEY of_branch (org_id, branch_id, from_date),
    KEY by_date (org_id, from_date, to_date),
    CONSTRAINT period_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT period_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT period_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT period_has_length CHECK (to_date > from_date),
    CONSTRAINT of_one_kind CHECK (user_id IS NULL OR branch_id IS NULL)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['timesheet_periods', 'overtime_warnings', 'overtime_requests', 'overtime_claims'])
    await sql(`DROP TABLE ${table}`);
};
