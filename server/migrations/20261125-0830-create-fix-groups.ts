import type { Migration } from '../platform/db/migrate';

export const up: Migration['up'] = async ({ sql }) => {
  // One row a group commit, gone as soon as the newest positions were raised: what a crash leaves is raised by a worker.
  await sql(`CREATE TABLE fix_groups (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, made_at DATETIME(3) NOT NULL,
    trackables MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, PRIMARY KEY (id), KEY by_age (made_at)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE fix_groups');
};
