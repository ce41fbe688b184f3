import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const KEYS = `org_id ${ID} NOT NULL, id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, on_date DATE NOT NULL,
    start_at DATETIME(3) NOT NULL, end_at DATETIME(3) NOT NULL`;
const keys = (name: string): string => `PRIMARY KEY (org_id, id), KEY by_track (org_id, trackable_id, start_at),
    KEY by_day (org_id, trackable_id, on_date), KEY by_start (org_id, start_at, id),
    CONSTRAINT ${name}_has_length CHECK (end_at >= start_at),
    CONSTRAINT ${name}_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE`;

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE tracked_days (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, on_date DATE NOT NULL, zone VARCHAR(64) CHARACTER SET ascii NOT NULL,
    distance_m DOUBLE NOT NULL DEFAULT 0, estimated_m DOUBLE NOT NULL DEFAULT 0, moving_sec INT UNSIGNED NOT NULL DEFAULT 0,
    fixes INT UNSIGNED NOT NULL DEFAULT 0, left_out INT UNSIGNED NOT NULL DEFAULT 0, first_at DATETIME(3) NULL,
    last_at DATETIME(3) NULL, revision INT UNSIGNED NOT NULL DEFAULT 0, tail TEXT NULL, state MEDIUMTEXT NULL,
    is_open BOOLEAN NOT NULL DEFAULT TRUE,
    PRIMARY KEY (org_id, trackable_id, on_date), KEY by_date (org_id, on_date), KEY by_open (is_open, last_at),
    CONSTRAINT day_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE trips (
    ${KEYS}, start_lat_e7 INT NOT NULL, start_lng_e7 INT NOT NULL, start_fence_id ${ID} NULL, start_name VARCHAR(120) NULL,
    end_lat_e7 INT NOT NULL, end_lng_e7 INT NOT NULL, end_fence_id ${ID} NULL, end_name VARCHAR(120) NULL,
    distance_m DOUBLE NOT NULL, moving_sec INT UNSIGNED NOT NULL, max_kmh FLOAT NULL,
    purpose ENUM('business', 'private', 'commute', 'unknown') NOT NULL DEFAULT 'unknown', note VARCHAR(120) NULL,
    driver_id ${ID} NULL, state ENUM('open', 'closed', 'recomputed') NOT NULL, polyline MEDIUMTEXT CHARACTER SET ascii NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1, ${keys('trip')}
  )`);
  await sql(`CREATE TABLE track_stops (
    ${KEYS}, lat_e7 INT NOT NULL, lng_e7 INT NOT NULL, radius_m FLOAT NOT NULL, fixes INT UNSIGNED NOT NULL,
    confidence FLOAT NOT NULL, fence_id ${ID} NULL, name VARCHAR(120) NULL, is_open BOOLEAN NOT NULL, ${keys('stop')}
  )`);
  await sql(`CREATE TABLE track_gaps (
    ${KEYS}, reason ENUM('silent', 'blurred') NOT NULL, distance_m DOUBLE NOT NULL, is_estimated BOOLEAN NOT NULL,
    ${keys('gap')}
  )`);
  await sql(`CREATE TABLE speed_events (
    ${KEYS}, limit_kmh FLOAT NOT NULL, source ENUM('fence', 'vehicle', 'organisation') NOT NULL, max_kmh FLOAT NOT NULL,
    is_open BOOLEAN NOT NULL, ${keys('speeding')}
  )`);
  // Which UTC days of which tracks have fixes that nobody added up yet, and from which instant on.
  await sql(`CREATE TABLE day_queue (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, utc_day INT NOT NULL, since DATETIME(3) NOT NULL,
    mark INT UNSIGNED NOT NULL DEFAULT 1, PRIMARY KEY (org_id, trackable_id, utc_day)
  )`);
  await sql(`CREATE TABLE dirty_days (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, on_date DATE NOT NULL, due_at DATETIME(3) NOT NULL,
    latest_at DATETIME(3) NOT NULL, is_late BOOLEAN NOT NULL, mark INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, trackable_id, on_date),
    KEY by_due (due_at)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['dirty_days', 'day_queue', 'speed_events', 'track_gaps', 'track_stops', 'trips', 'tracked_days'])
    await sql(`DROP TABLE ${table}`);
};
