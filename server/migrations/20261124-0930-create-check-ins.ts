import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE check_ins (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, branch_id ${ID} NOT NULL, user_id ${ID} NOT NULL,
    started_at DATETIME(3) NOT NULL, started_lat_e7 INT NOT NULL, started_lng_e7 INT NOT NULL, started_accuracy_m FLOAT NULL,
    ended_at DATETIME(3) NULL, ended_lat_e7 INT NULL, ended_lng_e7 INT NULL, ended_accuracy_m FLOAT NULL,
    note VARCHAR(500) NULL, open_for ${ID} NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open (org_id, open_for),
    KEY by_branch (org_id, branch_id, id), KEY by_user (org_id, user_id, id),
    CONSTRAINT check_in_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT check_in_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT open_has_no_end CHECK ((open_for IS NULL) = (ended_at IS NOT NULL)),
    CONSTRAINT ends_after_start CHECK (ended_at IS NULL OR ended_at >= started_at)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE check_ins');
};
