import type { Migration } from '../platform/db/migrate';

export const up: Migration['up'] = async ({ sql }) => {
  // A counter that is locked while it is raised: a fleet's first morning enrols everybody at once.
  await sql(`CREATE TABLE live_keys (
    org_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, last INT UNSIGNED NOT NULL, PRIMARY KEY (org_id)
  )`);
  await sql('INSERT INTO live_keys (org_id, last) SELECT org_id, MAX(live_key) FROM trackables GROUP BY org_id');
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE live_keys');
};
