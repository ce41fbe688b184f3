import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const NAME = 'VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin';

/**
 * Roles of an organisation's own; and a person may hold one role at several branches, each until an instant. Nobody can
 * name a primary key with an optional branch in it, so each grant has an id, and the rule is a unique key.
 */
export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE roles (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, description VARCHAR(500) NOT NULL,
    created_by ${ID} NOT NULL, created_at DATETIME(3) NOT NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_role_name (org_id, name),
    CONSTRAINT role_in_organisation FOREIGN KEY (org_id) REFERENCES organisations (id)
  )`);
  await sql(`CREATE TABLE role_permissions (
    org_id ${ID} NOT NULL, role_id ${ID} NOT NULL, permission ${NAME} NOT NULL,
    scope ENUM('own', 'team', 'branch', 'subtree', 'org') NOT NULL,
    PRIMARY KEY (org_id, role_id, permission),
    CONSTRAINT permission_of_role FOREIGN KEY (org_id, role_id) REFERENCES roles (org_id, id) ON DELETE CASCADE
  )`);
  // The key of the people stays, or their foreign key would have none.
  await sql(`ALTER TABLE role_grants
    ADD COLUMN id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT (UUID()),
    ADD COLUMN role_id ${ID} NULL, ADD COLUMN granted_by ${ID} NULL, ADD COLUMN expires_at DATETIME(3) NULL,
    ADD COLUMN at_branch VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin GENERATED ALWAYS AS (COALESCE(RTRIM(branch_id), _ascii'-' COLLATE ascii_bin)) VIRTUAL,
    ADD COLUMN owner_of VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin GENERATED ALWAYS AS (CASE WHEN role = 'owner' THEN RTRIM(org_id) END) VIRTUAL,
    DROP PRIMARY KEY, ADD PRIMARY KEY (org_id, user_id, id)`);
  await sql(`ALTER TABLE role_grants
    ADD UNIQUE KEY one_grant (org_id, user_id, role, at_branch), ADD UNIQUE KEY one_owner (owner_of),
    ADD KEY by_role (org_id, role), ADD KEY by_end (expires_at),
    ADD CONSTRAINT grant_of_role FOREIGN KEY (org_id, role_id) REFERENCES roles (org_id, id),
    ADD CONSTRAINT custom_by_its_id CHECK (role_id IS NULL OR role_id = role),
    ADD CONSTRAINT owner_without_end CHECK (role <> 'owner' OR (expires_at IS NULL AND branch_id IS NULL))`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('ALTER TABLE role_grants DROP FOREIGN KEY grant_of_role');
  await sql('DELETE FROM role_grants WHERE role_id IS NOT NULL');
  await sql(`DELETE a FROM role_grants a JOIN role_grants b
    ON b.org_id = a.org_id AND b.user_id = a.user_id AND b.role = a.role AND b.id < a.id`);
  await sql('ALTER TABLE role_grants DROP CHECK custom_by_its_id, DROP CHECK owner_without_end').catch(() =>
    sql('ALTER TABLE role_grants DROP CONSTRAINT custom_by_its_id, DROP CONSTRAINT owner_without_end'),
  );
  await sql(`ALTER TABLE role_grants DROP KEY one_grant, DROP KEY one_owner, DROP KEY by_role, DROP KEY by_end,
    DROP COLUMN at_branch, DROP COLUMN owner_of, DROP PRIMARY KEY, ADD PRIMARY KEY (org_id, user_id, role)`);
  await sql(`ALTER TABLE role_grants
    DROP COLUMN id, DROP COLUMN role_id, DROP COLUMN granted_by, DROP COLUMN expires_at`);
  await sql('DROP TABLE role_permissions');
  await sql('DROP TABLE roles');
};
