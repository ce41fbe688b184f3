import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE branch_hours (
    org_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, kind ENUM('public', 'staff') NOT NULL,
    weekday TINYINT UNSIGNED NOT NULL, opens_at TIME NOT NULL, closes_at TIME NOT NULL,
    PRIMARY KEY (org_id, branch_id, kind, weekday, opens_at),
    CONSTRAINT hours_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE,
    CONSTRAINT weekday_exists CHECK (weekday BETWEEN 1 AND 7)
  )`);
  await sql(`CREATE TABLE branch_hours_exceptions (
    org_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, date DATE NOT NULL, intervals TEXT NOT NULL,
    cut_tail BOOLEAN NOT NULL, reason VARCHAR(120) NULL,
    PRIMARY KEY (org_id, branch_id, date),
    CONSTRAINT exception_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE
  )`);
  // One row a branch with hours: whether its opening was told last, and when that is to be looked at again.
  await sql(`CREATE TABLE branch_openings (
    org_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, is_open BOOLEAN NOT NULL, next_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, branch_id), KEY by_next (next_at),
    CONSTRAINT opening_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['branch_openings', 'branch_hours_exceptions', 'branch_hours']) await sql(`DROP TABLE ${table}`);
};
