import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // Of a person at most one runs: `running_for` is that person while it does.
  await sql(`CREATE TABLE time_entries (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NULL,
    started_at DATETIME(3) NOT NULL, ended_at DATETIME(3) NULL, running_for ${ID} NULL,
    kind ENUM('work', 'travel', 'break', 'other') NOT NULL, task_id ${ID} NULL, client_id ${ID} NULL,
    billable BOOLEAN NOT NULL, source ENUM('timer', 'manual', 'attendance', 'trip') NOT NULL, note VARCHAR(500) NOT NULL,
    locked_at DATETIME(3) NULL, created_at DATETIME(3) NOT NULL, version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_timer (org_id, running_for), KEY by_user (org_id, user_id, started_at),
    KEY by_time (org_id, started_at, id),
    CONSTRAINT entry_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT entry_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT entry_ends_after_it_starts CHECK (ended_at IS NULL OR ended_at >= started_at),
    CONSTRAINT entry_runs_or_ended CHECK ((ended_at IS NULL) = (running_for IS NOT NULL))
  )`);
  await sql(`CREATE TABLE timesheets (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NULL, week DATE NOT NULL,
    state ENUM('open', 'submitted', 'approved') NOT NULL DEFAULT 'open', submitted_at DATETIME(3) NULL,
    decided_at DATETIME(3) NULL, decided_by ${ID} NULL, reason VARCHAR(300) NULL, version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_week (org_id, user_id, week), KEY by_week (org_id, week, id),
    CONSTRAINT sheet_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT sheet_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT sheet_decided_by FOREIGN KEY (org_id, decided_by) REFERENCES users (org_id, id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['timesheets', 'time_entries']) await sql(`DROP TABLE ${table}`);
};
