import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE branch_resources (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, branch_id ${ID} NOT NULL,
    kind ENUM('desk', 'room', 'vehicle', 'budget', 'custom') NOT NULL,
    label VARCHAR(120) NOT NULL, unit VARCHAR(20) NOT NULL, capacity INT UNSIGNED NOT NULL,
    live_mark TINYINT NULL DEFAULT 1, removed_at DATETIME(3) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_live_label (org_id, branch_id, label, live_mark),
    CONSTRAINT resource_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT live_is_marked CHECK ((removed_at IS NULL) = (live_mark IS NOT NULL) AND (live_mark IS NULL OR live_mark = 1))
  )`);
  await sql(`CREATE TABLE resource_allocations (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, resource_id ${ID} NOT NULL,
    holder_type ENUM('user', 'team', 'project', 'other') NOT NULL, holder_id VARCHAR(64) NOT NULL,
    quantity INT UNSIGNED NOT NULL, from_at DATETIME(3) NOT NULL, to_at DATETIME(3) NULL, note VARCHAR(120) NULL,
    PRIMARY KEY (org_id, id), KEY of_resource (org_id, resource_id, from_at), KEY of_holder (org_id, holder_type, holder_id),
    CONSTRAINT allocation_of_resource FOREIGN KEY (org_id, resource_id) REFERENCES branch_resources (org_id, id),
    CONSTRAINT allocation_in_order CHECK (to_at IS NULL OR to_at >= from_at),
    CONSTRAINT some_is_allocated CHECK (quantity > 0)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['resource_allocations', 'branch_resources']) await sql(`DROP TABLE ${table}`);
};
