import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

/** A change of rights may concern everybody of an organisation: then it names no person. */
export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE auth_changes MODIFY user_id ${ID} NULL`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DELETE FROM auth_changes WHERE user_id IS NULL');
  await sql(`ALTER TABLE auth_changes MODIFY user_id ${ID} NOT NULL`);
};
