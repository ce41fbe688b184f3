import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const STATES = "ENUM('on', 'break', 'away', 'off')";

/** Changes are the truth, in the order of when they held; the state is the last of them up to now. */
export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE duty_changes (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, at DATETIME(3) NOT NULL, state ${STATES} NOT NULL,
    check_in_id ${ID} NULL,
    PRIMARY KEY (org_id, id), KEY of_person (org_id, user_id, at, id), KEY of_check_in (org_id, check_in_id),
    CONSTRAINT duty_change_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE duty_states (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, state ${STATES} NOT NULL, since DATETIME(3) NOT NULL,
    heard_at DATETIME(3) NOT NULL, unreachable_since DATETIME(3) NULL, lone_until DATETIME(3) NULL, challenged_at DATETIME(3) NULL, changed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id), KEY news (changed_at), KEY at_branch (org_id, branch_id), KEY silent (state, heard_at), KEY lone (lone_until),
    CONSTRAINT duty_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT duty_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id)
  )`);
  await sql(`CREATE TABLE duty_challenges (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, asked_by ${ID} NULL,
    asked_at DATETIME(3) NOT NULL, expires_at DATETIME(3) NOT NULL, answered_at DATETIME(3) NULL,
    state ENUM('open', 'answered', 'missed') NOT NULL, open_mark TINYINT NULL, place VARBINARY(400) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open_challenge (org_id, user_id, open_mark), KEY due (state, expires_at),
    CONSTRAINT duty_challenge_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT open_challenge_is_marked CHECK ((state = 'open') = (open_mark IS NOT NULL))
  )`);
  await sql(`CREATE TABLE duty_alarms (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NOT NULL,
    kind ENUM('panic', 'lone-worker') NOT NULL, at DATETIME(3) NOT NULL, place VARBINARY(400) NULL,
    ended_at DATETIME(3) NULL, ended_by ${ID} NULL,
    PRIMARY KEY (org_id, id), KEY of_person (org_id, user_id, at),
    CONSTRAINT alarm_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE check_in_reports (
    org_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, date DATE NOT NULL, made_at DATETIME(3) NOT NULL, report TEXT NOT NULL,
    PRIMARY KEY (org_id, branch_id, date),
    CONSTRAINT day_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['check_in_reports', 'duty_alarms', 'duty_challenges', 'duty_states', 'duty_changes'])
    await sql(`DROP TABLE ${table}`);
};
