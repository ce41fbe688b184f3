import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE fence_days (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, on_date DATE NOT NULL, revision INT UNSIGNED NOT NULL DEFAULT 0,
    walk MEDIUMTEXT NULL,
    PRIMARY KEY (org_id, trackable_id, on_date),
    CONSTRAINT fence_day_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE
  )`);
  // Its key is what happened: the same fixes make the same rows, however often and in whatever order they came.
  await sql(`CREATE TABLE fence_visits (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, on_date DATE NOT NULL, fence_id ${ID} NOT NULL,
    kind ENUM('stayed', 'crossed') NOT NULL, entered_at DATETIME(3) NOT NULL, left_at DATETIME(3) NULL,
    seen_until DATETIME(3) NOT NULL, dwelled_at DATETIME(3) NULL, fence_name VARCHAR(120) NOT NULL, branch_id ${ID} NULL,
    PRIMARY KEY (org_id, trackable_id, on_date, fence_id, kind, entered_at), KEY of_fence (org_id, fence_id, entered_at),
    CONSTRAINT visit_of_day FOREIGN KEY (org_id, trackable_id, on_date)
      REFERENCES fence_days (org_id, trackable_id, on_date) ON DELETE CASCADE,
    CONSTRAINT visit_in_order CHECK (seen_until >= entered_at AND (left_at IS NULL OR left_at >= entered_at))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['fence_visits', 'fence_days']) await sql(`DROP TABLE ${table}`);
};
