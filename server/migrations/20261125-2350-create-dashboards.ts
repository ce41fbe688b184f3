import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE dashboards (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, owner_id ${ID} NOT NULL, layout TEXT NOT NULL,
    is_shared BOOLEAN NOT NULL, created_at DATETIME(3) NOT NULL, version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY by_owner (org_id, owner_id),
    CONSTRAINT dashboard_of_user FOREIGN KEY (org_id, owner_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE widgets (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, dashboard_id ${ID} NOT NULL, title VARCHAR(120) NOT NULL, query TEXT NOT NULL,
    viz VARCHAR(10) NOT NULL, refresh_sec INT UNSIGNED NOT NULL, version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY by_dashboard (org_id, dashboard_id),
    CONSTRAINT widget_of_dashboard FOREIGN KEY (org_id, dashboard_id) REFERENCES dashboards (org_id, id) ON DELETE CASCADE,
    CONSTRAINT widget_refresh CHECK (refresh_sec >= 5)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['widgets', 'dashboards']) await sql(`DROP TABLE ${table}`);
};
