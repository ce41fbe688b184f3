import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE branches
    ADD COLUMN lat_e7 INT NULL, ADD COLUMN lng_e7 INT NULL, ADD COLUMN fence_corners MEDIUMTEXT NULL,
    ADD COLUMN address TEXT NULL, ADD COLUMN country CHAR(2) NULL, ADD COLUMN phone VARCHAR(40) NULL,
    ADD COLUMN email VARCHAR(254) NULL, ADD COLUMN manager_id ${ID} NULL,
    ADD COLUMN capacity_heads INT UNSIGNED NULL, ADD COLUMN capacity_fte_centi INT UNSIGNED NULL,
    ADD COLUMN holiday_calendar_id ${ID} NULL, ADD COLUMN closed_on_holidays BOOLEAN NOT NULL DEFAULT TRUE,
    ADD COLUMN opened_on DATE NULL, ADD COLUMN closed_on DATE NULL,
    ADD COLUMN next_timezone VARCHAR(64) NULL, ADD COLUMN next_timezone_from DATE NULL,
    ADD COLUMN next_timezone_at DATETIME(3) NULL,
    ADD KEY by_place (org_id, lat_e7, lng_e7), ADD KEY by_next_zone (next_timezone_at)`);
  await sql('UPDATE branches SET lat_e7 = fence_lat_e7, lng_e7 = fence_lng_e7');
  await sql(`ALTER TABLE branches
    ADD CONSTRAINT place_is_whole CHECK ((lat_e7 IS NULL) = (lng_e7 IS NULL)),
    ADD CONSTRAINT place_on_earth CHECK (lat_e7 BETWEEN -900000000 AND 900000000 AND lng_e7 BETWEEN -1800000000 AND 1800000000),
    ADD CONSTRAINT one_kind_of_fence CHECK (fence_corners IS NULL OR fence_radius_m IS NULL),
    ADD CONSTRAINT next_zone_is_whole CHECK ((next_timezone IS NULL) = (next_timezone_from IS NULL) AND (next_timezone IS NULL) = (next_timezone_at IS NULL)),
    ADD CONSTRAINT manager_of_branch FOREIGN KEY (org_id, manager_id) REFERENCES users (org_id, id),
    ADD CONSTRAINT holidays_of_branch FOREIGN KEY (org_id, holiday_calendar_id) REFERENCES holiday_calendars (org_id, id)`);
  await sql(`CREATE TABLE branch_zones (
    org_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, from_date DATE NOT NULL, timezone VARCHAR(64) NOT NULL,
    PRIMARY KEY (org_id, branch_id, from_date),
    CONSTRAINT zone_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE branch_zones');
  await sql('ALTER TABLE branches DROP FOREIGN KEY manager_of_branch, DROP FOREIGN KEY holidays_of_branch');
  await sql(`ALTER TABLE branches DROP CONSTRAINT place_is_whole, DROP CONSTRAINT place_on_earth,
    DROP CONSTRAINT one_kind_of_fence, DROP CONSTRAINT next_zone_is_whole`);
  await sql(`ALTER TABLE branches DROP KEY by_place, DROP KEY by_next_zone, DROP COLUMN lat_e7, DROP COLUMN lng_e7,
    DROP COLUMN fence_corners, DROP COLUMN address, DROP COLUMN country, DROP COLUMN phone, DROP COLUMN email,
    DROP COLUMN manager_id, DROP COLUMN capacity_heads, DROP COLUMN capacity_fte_centi,
    DROP COLUMN holiday_calendar_id, DROP COLUMN closed_on_holidays, DROP COLUMN opened_on, DROP COLUMN closed_on,
    DROP COLUMN next_timezone, DROP COLUMN next_timezone_from, DROP COLUMN next_timezone_at`);
};
