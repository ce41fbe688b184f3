import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // Marks are null once a punch is void, so that keys speak of those that count.
  await sql(`CREATE TABLE attendance_punches (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NULL,
    at DATETIME(3) NOT NULL, timezone VARCHAR(64) CHARACTER SET ascii NOT NULL, local_date DATE NOT NULL,
    direction ENUM('in', 'out', 'break_start', 'break_end', 'auto') NOT NULL,
    source ENUM('checkin', 'device', 'kiosk', 'manual', 'auto') NOT NULL, source_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    device_id VARCHAR(64) NULL, verification ENUM('verified', 'unverified', 'remote', 'failed') NOT NULL,
    check_in_id ${ID} NULL, is_visit BOOLEAN NOT NULL DEFAULT FALSE, confirmed_by ${ID} NULL, confirmed_at DATETIME(3) NULL,
    recorded_at DATETIME(3) NOT NULL, voided_at DATETIME(3) NULL, voided_by ${ID} NULL, live_mark TINYINT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id),
    UNIQUE KEY one_source (org_id, source, source_id, live_mark),
    UNIQUE KEY one_punch (org_id, user_id, at, direction, live_mark),
    KEY of_day (org_id, user_id, local_date), KEY of_check_in (org_id, check_in_id),
    CONSTRAINT punch_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT void_is_unmarked CHECK ((voided_at IS NULL) = (live_mark IS NOT NULL) AND (live_mark IS NULL OR live_mark = 1))
  )`);
  await sql(`CREATE TABLE attendance_days (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NULL,
    work_date DATE NOT NULL, occurrence_key VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    shift_id ${ID} NULL, policy_id ${ID} NULL, timezone VARCHAR(64) CHARACTER SET ascii NOT NULL,
    scheduled_start DATETIME(3) NULL, scheduled_end DATETIME(3) NULL,
    status ENUM('expected', 'present', 'half_day', 'absent', 'on_leave', 'holiday', 'weekly_off', 'remote', 'incomplete', 'excused') NOT NULL,
    scheduled_sec INT UNSIGNED NOT NULL, worked_sec INT UNSIGNED NOT NULL, break_sec INT UNSIGNED NOT NULL,
    late_sec INT UNSIGNED NOT NULL, early_sec INT UNSIGNED NOT NULL, night_sec INT UNSIGNED NOT NULL,
    regular_sec INT UNSIGNED NOT NULL, ot1_sec INT UNSIGNED NOT NULL, ot2_sec INT UNSIGNED NOT NULL,
    ot_unapproved_sec INT UNSIGNED NOT NULL, pending_sec INT UNSIGNED NOT NULL,
    first_in DATETIME(3) NULL, last_out DATETIME(3) NULL, open_since DATETIME(3) NULL,
    flags TEXT NOT NULL, detail MEDIUMTEXT NOT NULL, inputs_hash CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    punches_hash CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    computed_at DATETIME(3) NOT NULL, locked_at DATETIME(3) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_day (org_id, user_id, work_date, occurrence_key),
    KEY by_date (org_id, work_date, user_id, occurrence_key), KEY of_branch (org_id, branch_id, work_date),
    CONSTRAINT day_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  // One writer a person at a time.
  await sql(`CREATE TABLE attendance_persons (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, turns INT UNSIGNED NOT NULL DEFAULT 0, PRIMARY KEY (org_id, user_id)
  )`);
  // A day whose facts changed and for which a job waits.
  await sql(`CREATE TABLE attendance_dirty (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, date DATE NOT NULL, since DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id, date)
  )`);
  // Days to be looked at again at an instant, though nothing happens to them.
  await sql(`CREATE TABLE attendance_watches (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, work_date DATE NOT NULL,
    occurrence_key VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, due_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id, work_date, occurrence_key), KEY due (due_at, org_id, user_id)
  )`);
  // What runs once a local date of a branch; the organisation's id stands for people of no branch.
  await sql(`CREATE TABLE attendance_runs (
    org_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, job ENUM('plan', 'morning', 'evening') NOT NULL, local_date DATE NOT NULL,
    due_at DATETIME(3) NOT NULL, asked_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, branch_id, job, local_date), KEY to_ask (asked_at, due_at)
  )`);
  await sql(`CREATE TABLE attendance_alerts (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NULL, work_date DATE NOT NULL,
    occurrence_key VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, starts_at DATETIME(3) NOT NULL,
    opened_at DATETIME(3) NOT NULL, withdrawn_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_alert (org_id, user_id, work_date, occurrence_key),
    CONSTRAINT alert_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE attendance_excuses (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, date DATE NOT NULL, reason VARCHAR(500) NOT NULL,
    given_by ${ID} NOT NULL, given_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id, date),
    CONSTRAINT excuse_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE attendance_corrections (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NULL, work_date DATE NOT NULL,
    day_id ${ID} NULL, kind ENUM('request', 'late-fact') NOT NULL, punches TEXT NOT NULL, reason VARCHAR(500) NOT NULL,
    state ENUM('pending', 'approved', 'rejected', 'withdrawn') NOT NULL, pending_mark TINYINT NULL,
    requested_at DATETIME(3) NOT NULL, decided_by ${ID} NULL, decided_at DATETIME(3) NULL, note VARCHAR(500) NULL,
    version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_pending (org_id, user_id, work_date, kind, pending_mark),
    KEY by_state (org_id, state, id), KEY of_person (org_id, user_id, id),
    CONSTRAINT correction_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT pending_is_marked CHECK ((state = 'pending') = (pending_mark IS NOT NULL) AND (pending_mark IS NULL OR pending_mark = 1))
  )`);
};

const TABLES = ['corrections', 'excuses', 'alerts', 'runs', 'watches', 'dirty', 'persons', 'days', 'punches'];

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of TABLES) await sql(`DROP TABLE attendance_${table}`);
};
