import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE organisations (
    id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, slug VARCHAR(80) NOT NULL,
    status ENUM('trial', 'active', 'suspended', 'closed') NOT NULL, timezone VARCHAR(64) NOT NULL,
    locale VARCHAR(35) NOT NULL, currency CHAR(3) NOT NULL, country CHAR(2) NOT NULL,
    created_at DATETIME(3) NOT NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (id), UNIQUE KEY one_slug (slug)
  )`);
  await sql(`CREATE TABLE branches (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, parent_id ${ID} NULL,
    path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code VARCHAR(32) NOT NULL, name VARCHAR(120) NOT NULL,
    kind ENUM('headquarters', 'region', 'branch', 'store', 'warehouse', 'kiosk', 'virtual') NOT NULL,
    status ENUM('planned', 'active', 'suspended', 'closed') NOT NULL, timezone VARCHAR(64) NOT NULL,
    fence_lat_e7 INT NULL, fence_lng_e7 INT NULL, fence_radius_m INT UNSIGNED NULL,
    version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_code (org_id, code), KEY by_path (org_id, path),
    CONSTRAINT branch_in_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT branch_below FOREIGN KEY (org_id, parent_id) REFERENCES branches (org_id, id),
    CONSTRAINT fence_is_whole CHECK ((fence_lat_e7 IS NULL) = (fence_radius_m IS NULL) AND (fence_lat_e7 IS NULL) = (fence_lng_e7 IS NULL)),
    CONSTRAINT fence_on_earth CHECK (fence_lat_e7 BETWEEN -900000000 AND 900000000 AND fence_lng_e7 BETWEEN -1800000000 AND 1800000000)
  )`);
  await sql(`CREATE TABLE users (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, email VARCHAR(254) NOT NULL, name VARCHAR(120) NOT NULL,
    status ENUM('invited', 'pending_verification', 'active', 'suspended', 'deactivated') NOT NULL,
    kind ENUM('person', 'client', 'reseller', 'service') NOT NULL DEFAULT 'person',
    home_branch_id ${ID} NULL, job_title VARCHAR(120) NULL, employee_no VARCHAR(40) NULL,
    created_at DATETIME(3) NOT NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_address (org_id, email), UNIQUE KEY one_employee_no (org_id, employee_no),
    KEY by_email (email), KEY by_name (org_id, name, id),
    CONSTRAINT user_in_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT user_at_branch FOREIGN KEY (org_id, home_branch_id) REFERENCES branches (org_id, id)
  )`);
  await sql(`CREATE TABLE role_grants (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, role VARCHAR(40) CHARACTER SET ascii NOT NULL,
    branch_id ${ID} NULL, granted_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id, role),
    CONSTRAINT role_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE,
    CONSTRAINT role_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['role_grants', 'users', 'branches', 'organisations']) await sql(`DROP TABLE ${table}`);
};
