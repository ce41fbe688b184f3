import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql('ALTER TABLE holiday_calendars ADD COLUMN region VARCHAR(20) CHARACTER SET ascii NULL');
  // What somebody set by hand is 'manual'; a later import of the country leaves it alone.
  await sql(`ALTER TABLE holidays
    ADD COLUMN day_part ENUM('full', 'am', 'pm') NOT NULL DEFAULT 'full',
    ADD COLUMN kind ENUM('public', 'optional', 'company') NOT NULL DEFAULT 'public',
    ADD COLUMN source ENUM('library', 'manual', 'ics') NOT NULL DEFAULT 'manual',
    ADD COLUMN observed_for DATE NULL, ADD COLUMN is_paid BOOLEAN NOT NULL DEFAULT FALSE,
    ADD CONSTRAINT stands_for_another CHECK (observed_for IS NULL OR observed_for <> date)`);
  await sql(`CREATE TABLE holiday_removals (
    org_id ${ID} NOT NULL, calendar_id ${ID} NOT NULL, date DATE NOT NULL,
    PRIMARY KEY (org_id, calendar_id, date),
    CONSTRAINT removal_of_calendar FOREIGN KEY (org_id, calendar_id) REFERENCES holiday_calendars (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE holiday_removals');
  await sql('ALTER TABLE holidays DROP CONSTRAINT stands_for_another');
  await sql(`ALTER TABLE holidays DROP COLUMN day_part, DROP COLUMN kind, DROP COLUMN source, DROP COLUMN observed_for,
    DROP COLUMN is_paid`);
  await sql('ALTER TABLE holiday_calendars DROP COLUMN region');
};
