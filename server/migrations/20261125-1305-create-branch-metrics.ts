import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE branch_metric_daily (
    org_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, metric VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    date DATE NOT NULL, value DOUBLE NULL, target DOUBLE NULL,
    PRIMARY KEY (org_id, branch_id, metric, date), KEY by_metric (org_id, metric, date),
    CONSTRAINT metric_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE branch_metric_daily');
};
