import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

/**
 * Dates are half-open. The marks let a unique key say: one open membership of a person at a branch, one open first
 * branch of a person; what is bounded on both sides is compared under the lock of the person.
 */
export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE branch_memberships (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, branch_id ${ID} NOT NULL, user_id ${ID} NOT NULL,
    role VARCHAR(120) NULL, fte_centi SMALLINT UNSIGNED NOT NULL, is_primary BOOLEAN NOT NULL,
    from_date DATE NOT NULL, to_date DATE NULL,
    state ENUM('planned', 'current', 'over') NOT NULL,
    open_mark TINYINT NULL, primary_mark TINYINT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE KEY one_open_membership (org_id, user_id, branch_id, open_mark),
    UNIQUE KEY one_open_primary (org_id, user_id, primary_mark),
    KEY of_branch (org_id, branch_id, from_date), KEY to_begin (state, from_date), KEY to_end (state, to_date),
    CONSTRAINT membership_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT membership_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT membership_in_order CHECK (to_date IS NULL OR to_date >= from_date),
    CONSTRAINT fte_is_a_part CHECK (fte_centi BETWEEN 1 AND 100),
    CONSTRAINT open_membership_is_marked CHECK ((to_date IS NULL) = (open_mark IS NOT NULL) AND (open_mark IS NULL OR open_mark = 1)),
    CONSTRAINT open_primary_is_marked CHECK ((to_date IS NULL AND is_primary) = (primary_mark IS NOT NULL) AND (primary_mark IS NULL OR primary_mark = 1)),
    CONSTRAINT over_is_bounded CHECK (state <> 'over' OR to_date IS NOT NULL)
  )`);
  await sql(`INSERT INTO branch_memberships
      (org_id, id, branch_id, user_id, fte_centi, is_primary, from_date, state, open_mark, primary_mark)
    SELECT org_id, id, home_branch_id, id, 100, TRUE, DATE(created_at), 'current', 1, 1
      FROM users WHERE home_branch_id IS NOT NULL AND kind <> 'service' AND status <> 'deactivated'`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE branch_memberships');
};
