import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE holiday_calendars (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, country CHAR(2) NULL,
    version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_calendar_name (org_id, name),
    CONSTRAINT calendar_in_organisation FOREIGN KEY (org_id) REFERENCES organisations (id)
  )`);
  await sql(`CREATE TABLE holidays (
    org_id ${ID} NOT NULL, calendar_id ${ID} NOT NULL, date DATE NOT NULL, name VARCHAR(120) NOT NULL,
    PRIMARY KEY (org_id, calendar_id, date),
    CONSTRAINT holiday_of_calendar FOREIGN KEY (org_id, calendar_id) REFERENCES holiday_calendars (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['holidays', 'holiday_calendars']) await sql(`DROP TABLE ${table}`);
};
