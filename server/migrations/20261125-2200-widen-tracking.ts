import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE fixes ADD COLUMN speed_accuracy_mps FLOAT NULL, ADD COLUMN odometer_m DOUBLE NULL`);
  await sql(`ALTER TABLE trackables
    ADD COLUMN mode ENUM('quiet', 'manual', 'significant', 'move') NOT NULL DEFAULT 'move',
    ADD COLUMN resolution VARCHAR(200) CHARACTER SET ascii NULL, ADD COLUMN speed_limit_kmh SMALLINT UNSIGNED NULL,
    ADD COLUMN driver_id ${ID} NULL, ADD COLUMN paused_until DATETIME(3) NULL, ADD COLUMN ended_at DATETIME(3) NULL,
    ADD COLUMN version INT UNSIGNED NOT NULL DEFAULT 1,
    ADD CONSTRAINT driver_of_trackable FOREIGN KEY (org_id, driver_id) REFERENCES users (org_id, id)`);
  await sql(`CREATE TABLE trackable_drivers (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, from_at DATETIME(3) NOT NULL, user_id ${ID} NULL,
    PRIMARY KEY (org_id, trackable_id, from_at),
    CONSTRAINT drivers_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE,
    CONSTRAINT driver_is_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE trackable_pauses (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, from_at DATETIME(3) NOT NULL, to_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, trackable_id, from_at), CONSTRAINT pause_has_length CHECK (to_at >= from_at),
    CONSTRAINT pause_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE trackable_pauses');
  await sql('DROP TABLE trackable_drivers');
  await sql(`ALTER TABLE trackables DROP FOREIGN KEY driver_of_trackable`);
  await sql(`ALTER TABLE trackables DROP COLUMN mode, DROP COLUMN resolution, DROP COLUMN speed_limit_kmh,
    DROP COLUMN driver_id, DROP COLUMN paused_until, DROP COLUMN ended_at, DROP COLUMN version`);
  await sql('ALTER TABLE fixes DROP COLUMN speed_accuracy_mps, DROP COLUMN odometer_m');
};
