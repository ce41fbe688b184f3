import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL';
const STREAM = 'VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL';

// Partitions for today and the days to come are made by the worker's daily tick, and at the first start.
const byDay = 'PARTITION BY RANGE (day) (PARTITION ahead VALUES LESS THAN MAXVALUE)';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE stream_heads (
    stream ${STREAM}, epoch ${ID}, n BIGINT UNSIGNED NOT NULL, PRIMARY KEY (stream)
  )`);
  await sql(`CREATE TABLE stream_events (
    stream ${STREAM}, n BIGINT UNSIGNED NOT NULL, day INT NOT NULL, id ${ID}, epoch ${ID},
    namespace VARCHAR(40) CHARACTER SET ascii NOT NULL, event VARCHAR(80) CHARACTER SET ascii NOT NULL,
    data MEDIUMTEXT NOT NULL, pending TINYINT NULL, at DATETIME(3) NOT NULL,
    PRIMARY KEY (stream, n, day), KEY by_id (id), KEY undelivered (pending, at)
  ) ${byDay}`);
  await sql(`CREATE TABLE outbox_jobs (
    id ${ID}, day INT NOT NULL, name VARCHAR(80) CHARACTER SET ascii NOT NULL, payload MEDIUMTEXT NOT NULL,
    attempts INT NOT NULL, state ENUM('open', 'done', 'dead') NOT NULL DEFAULT 'open',
    due_at DATETIME(3) NOT NULL, handed_at DATETIME(3) NULL, created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id, day), KEY unfinished (state, created_at)
  ) ${byDay}`);
  await sql(`CREATE TABLE commands (
    org_id ${ID}, actor_id ${ID}, id ${ID}, fingerprint CHAR(64) CHARACTER SET ascii NOT NULL,
    answer MEDIUMTEXT NULL, at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, actor_id, id), KEY by_age (at)
  )`);
  await sql(`CREATE TABLE auth_changes (
    id ${ID}, org_id ${ID}, user_id ${ID}, session_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    at DATETIME(3) NOT NULL, PRIMARY KEY (id), KEY by_time (at)
  )`);
  await sql(`CREATE TABLE due_runs (
    schedule VARCHAR(80) CHARACTER SET ascii NOT NULL, due_at DATETIME(3) NOT NULL, made_at DATETIME(3) NOT NULL,
    PRIMARY KEY (schedule, due_at)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['due_runs', 'auth_changes', 'commands', 'outbox_jobs', 'stream_events', 'stream_heads'])
    await sql(`DROP TABLE ${table}`);
};
