import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const CODE = 'VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // A limit has one counter for ever, whose period begins in 1970.
  await sql(`CREATE TABLE usage_counters (
    org_id ${ID} NOT NULL, feature ${CODE} NOT NULL, period_start DATETIME(3) NOT NULL, period_end DATETIME(3) NULL,
    used BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, feature, period_start), CONSTRAINT used_is_a_count CHECK (used >= 0)
  )`);
  await sql(`CREATE TABLE usage_events (
    org_id ${ID} NOT NULL, event_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, feature ${CODE} NOT NULL,
    quantity BIGINT NOT NULL, at DATETIME(3) NOT NULL, received_at DATETIME(3) NOT NULL, batch ${ID} NOT NULL,
    PRIMARY KEY (org_id, event_id), KEY by_age (received_at), KEY of_batch (org_id, batch)
  )`);
  await sql(`CREATE TABLE usage_daily (
    org_id ${ID} NOT NULL, feature ${CODE} NOT NULL, day DATE NOT NULL, quantity BIGINT NOT NULL,
    PRIMARY KEY (org_id, feature, day)
  )`);
  await sql(`CREATE TABLE usage_people (
    org_id ${ID} NOT NULL, feature ${CODE} NOT NULL, period_start DATETIME(3) NOT NULL, user_id ${ID} NOT NULL,
    PRIMARY KEY (org_id, feature, period_start, user_id), KEY by_age (period_start)
  )`);
  await sql(`CREATE TABLE usage_batches (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, at DATETIME(3) NOT NULL, PRIMARY KEY (org_id, id), KEY by_age (at)
  )`);
  await sql(`CREATE TABLE limit_alerts (
    org_id ${ID} NOT NULL, feature ${CODE} NOT NULL, period_start DATETIME(3) NOT NULL, threshold SMALLINT UNSIGNED NOT NULL,
    at DATETIME(3) NOT NULL, PRIMARY KEY (org_id, feature, period_start, threshold)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of [
    'limit_alerts',
    'usage_batches',
    'usage_people',
    'usage_daily',
    'usage_events',
    'usage_counters',
  ])
    await sql(`DROP TABLE ${table}`);
};
