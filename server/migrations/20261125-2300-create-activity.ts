import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const KEY = 'VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // The partition column must be part of every unique key, and partitioned tables take no foreign keys.
  await sql(`CREATE TABLE activity_events (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, at DATETIME(3) NOT NULL, received_at DATETIME(3) NOT NULL,
    actor_id ${ID} NULL, branch_id ${ID} NULL, verb ${KEY} NOT NULL, object_type ${KEY} NOT NULL,
    object_id VARCHAR(100) NULL, session_id VARCHAR(64) NULL, source ENUM('api', 'socket', 'job', 'client') NOT NULL,
    props TEXT NULL,
    PRIMARY KEY (org_id, id, at), KEY by_time (org_id, at, id), KEY by_actor (org_id, actor_id, at),
    KEY by_branch (org_id, branch_id, at), KEY by_object (org_id, object_type, object_id, at)
  ) PARTITION BY RANGE COLUMNS (at) (PARTITION past VALUES LESS THAN ('2026-11-01'), PARTITION ahead VALUES LESS THAN (MAXVALUE))`);
  await sql(`CREATE TABLE activity_sessions (
    org_id ${ID} NOT NULL, actor_id ${ID} NOT NULL, started_at DATETIME(3) NOT NULL, ended_at DATETIME(3) NOT NULL,
    events INT UNSIGNED NOT NULL, active_sec INT UNSIGNED NOT NULL,
    PRIMARY KEY (org_id, actor_id, started_at), KEY by_time (org_id, started_at, actor_id),
    CONSTRAINT session_of_actor FOREIGN KEY (org_id, actor_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE activity_days (
    org_id ${ID} NOT NULL, date DATE NOT NULL, actor_id ${ID} NOT NULL, object_type ${KEY} NOT NULL, verb ${KEY} NOT NULL,
    events INT UNSIGNED NOT NULL,
    PRIMARY KEY (org_id, date, actor_id, object_type, verb), KEY by_actor (org_id, actor_id, date),
    CONSTRAINT day_of_actor FOREIGN KEY (org_id, actor_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  // Whose sessions and days have to be made anew, and from when to when.
  await sql(`CREATE TABLE activity_dirty (
    org_id ${ID} NOT NULL, actor_id ${ID} NOT NULL, from_at DATETIME(3) NOT NULL, to_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, actor_id)
  )`);
  // What runs once a local date.
  await sql(`CREATE TABLE activity_runs (
    org_id ${ID} NOT NULL, job ${KEY} NOT NULL, date DATE NOT NULL, made_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, job, date)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['activity_runs', 'activity_dirty', 'activity_days', 'activity_sessions', 'activity_events'])
    await sql(`DROP TABLE ${table}`);
};
