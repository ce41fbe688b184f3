import type { Migration } from '../platform/db/migrate';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE signing_keys
    ADD COLUMN purpose ENUM('sig', 'enc') NOT NULL DEFAULT 'sig',
    MODIFY public_jwk TEXT NULL,
    ADD CONSTRAINT signers_have_a_public_half CHECK ((purpose = 'sig') = (public_jwk IS NOT NULL))`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('ALTER TABLE signing_keys DROP CONSTRAINT signers_have_a_public_half');
  await sql("DELETE FROM signing_keys WHERE purpose = 'enc'");
  await sql('ALTER TABLE signing_keys DROP COLUMN purpose, MODIFY public_jwk TEXT NOT NULL');
};
