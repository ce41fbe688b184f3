import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const KEY = 'VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin';
const HASH = 'CHAR(32) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE metric_defs (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, metric ${KEY} NOT NULL, name VARCHAR(120) NOT NULL,
    kind ENUM('counter', 'gauge', 'histogram', 'ratio', 'formula') NOT NULL, unit VARCHAR(20) NOT NULL,
    dimensions TEXT NOT NULL, aggregation VARCHAR(10) NOT NULL, formula VARCHAR(500) NULL, created_by ${ID} NOT NULL,
    created_at DATETIME(3) NOT NULL, version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_key (org_id, metric),
    CONSTRAINT metric_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT formula_of_its_kind CHECK ((kind = 'formula') = (formula IS NOT NULL))
  )`);
  // Values of the hub itself stand under an organisation of zeros, which nobody belongs to.
  await sql(`CREATE TABLE metric_series (
    org_id ${ID} NOT NULL, metric ${KEY} NOT NULL, series ${HASH} NOT NULL, dims TEXT NOT NULL,
    branch_id ${ID} NULL, user_id ${ID} NULL,
    PRIMARY KEY (org_id, metric, series), KEY by_user (org_id, user_id)
  )`);
  await sql(`CREATE TABLE metric_dimensions (
    org_id ${ID} NOT NULL, metric ${KEY} NOT NULL, dimension VARCHAR(40) NOT NULL, used INT UNSIGNED NOT NULL,
    PRIMARY KEY (org_id, metric, dimension), CONSTRAINT dimension_limit CHECK (used <= 1000)
  )`);
  await sql(`CREATE TABLE metric_dimension_values (
    org_id ${ID} NOT NULL, metric ${KEY} NOT NULL, dimension VARCHAR(40) NOT NULL,
    value VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    PRIMARY KEY (org_id, metric, dimension, value)
  )`);
  // Kept as long as late values may come: what every roll-up is made of, and what a repeated id is known by.
  await sql(`CREATE TABLE metric_points (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, metric ${KEY} NOT NULL, series ${HASH} NOT NULL, minute DATETIME NOT NULL,
    at DATETIME(3) NOT NULL, received_at DATETIME(3) NOT NULL, n INT UNSIGNED NOT NULL, total DOUBLE NOT NULL,
    den DOUBLE NOT NULL, least DOUBLE NOT NULL, most DOUBLE NOT NULL, newest DOUBLE NOT NULL, hist MEDIUMBLOB NULL,
    PRIMARY KEY (org_id, id), KEY by_minute (org_id, metric, series, minute), KEY by_age (received_at)
  )`);
  await sql(`CREATE TABLE metric_dirty (
    org_id ${ID} NOT NULL, metric ${KEY} NOT NULL, series ${HASH} NOT NULL, minute DATETIME NOT NULL,
    PRIMARY KEY (org_id, metric, series, minute)
  )`);
  // Minutes and hours in UTC; days are local dates of the organisation.
  await sql(`CREATE TABLE metric_rollups (
    org_id ${ID} NOT NULL, metric ${KEY} NOT NULL, res ENUM('1m', '1h', '1d') NOT NULL, bucket DATETIME NOT NULL,
    series ${HASH} NOT NULL, n BIGINT UNSIGNED NOT NULL, total DOUBLE NOT NULL, den DOUBLE NOT NULL, least DOUBLE NOT NULL,
    most DOUBLE NOT NULL, newest DOUBLE NOT NULL, newest_at DATETIME(3) NOT NULL, hist MEDIUMBLOB NULL,
    PRIMARY KEY (org_id, metric, res, bucket, series), KEY by_age (res, bucket)
  )`);
  await sql(`CREATE TABLE metric_trends (
    org_id ${ID} NOT NULL, metric ${KEY} NOT NULL, date DATE NOT NULL, trend TEXT NOT NULL,
    PRIMARY KEY (org_id, metric), CONSTRAINT trend_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of [
    'metric_trends',
    'metric_rollups',
    'metric_dirty',
    'metric_points',
    'metric_dimension_values',
    'metric_dimensions',
    'metric_series',
    'metric_defs',
  ])
    await sql(`DROP TABLE ${table}`);
};
