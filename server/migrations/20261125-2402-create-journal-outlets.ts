import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE journal_outlets (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, kind ENUM('webhook', 'syslog') NOT NULL,
    address VARCHAR(500) NOT NULL, secret VARBINARY(400) NULL, is_enabled BOOLEAN NOT NULL DEFAULT TRUE,
    shipped_seq BIGINT UNSIGNED NOT NULL, shipped_at DATETIME(3) NULL, failures INT UNSIGNED NOT NULL DEFAULT 0,
    last_error VARCHAR(300) NULL, next_try_at DATETIME(3) NULL, leased_until DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL, version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id),
    CONSTRAINT outlet_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id)
  )`);
  await sql('ALTER TABLE journal_checkpoints MODIFY anchors TEXT NOT NULL');
  // Which migrations the journal of the hub has been told of.
  await sql(`CREATE TABLE journal_told_migrations (
    name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, told_at DATETIME(3) NOT NULL, PRIMARY KEY (name)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['journal_told_migrations', 'journal_outlets']) await sql(`DROP TABLE ${table}`);
  await sql('ALTER TABLE journal_checkpoints MODIFY anchors VARCHAR(1000) NOT NULL');
};
