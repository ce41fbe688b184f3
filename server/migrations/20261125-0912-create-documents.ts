import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE documents (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, branch_id ${ID} NOT NULL, name VARCHAR(120) NOT NULL,
    status ENUM('open', 'closed') NOT NULL, created_by ${ID} NOT NULL, created_at DATETIME(3) NOT NULL,
    closed_at DATETIME(3) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY by_branch (org_id, branch_id, id),
    CONSTRAINT document_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT document_by_user FOREIGN KEY (org_id, created_by) REFERENCES users (org_id, id),
    CONSTRAINT document_closes_once CHECK ((status = 'closed') = (closed_at IS NOT NULL))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE documents');
};
