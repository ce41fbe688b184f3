import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const PURPOSES = "'verify-email', 'set-up', 'reset-password', 'invite', 'unlock', 'change-email'";

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE action_tokens MODIFY purpose ENUM(${PURPOSES}, 'recover-factor') NOT NULL`);
  // One recovery of a person waits at a time.
  await sql(`CREATE TABLE factor_recoveries (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, asked_at DATETIME(3) NOT NULL, opens_at DATETIME(3) NOT NULL,
    ends_at DATETIME(3) NOT NULL, PRIMARY KEY (org_id, user_id),
    CONSTRAINT recovery_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT recovery_waits CHECK (asked_at < opens_at AND opens_at < ends_at)
  )`);
  // A session in which somebody acts for somebody else, and what allows it.
  await sql(`ALTER TABLE sessions ADD COLUMN impersonator_id ${ID} NULL`);
  await sql(`CREATE TABLE impersonations (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, helper_id ${ID} NOT NULL, user_id ${ID} NOT NULL,
    reason VARCHAR(500) NOT NULL, minutes INT UNSIGNED NOT NULL,
    state ENUM('asked', 'granted', 'refused', 'ended') NOT NULL DEFAULT 'asked', session_id ${ID} NULL,
    asked_at DATETIME(3) NOT NULL, answered_at DATETIME(3) NULL, ends_at DATETIME(3) NULL, ended_at DATETIME(3) NULL,
    open_mark TINYINT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open (org_id, helper_id, user_id, open_mark), KEY of_user (org_id, user_id, id),
    CONSTRAINT impersonation_by FOREIGN KEY (org_id, helper_id) REFERENCES users (org_id, id),
    CONSTRAINT impersonation_of FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT impersonation_open CHECK ((open_mark IS NULL) = (state IN ('refused', 'ended'))),
    CONSTRAINT impersonation_not_self CHECK (helper_id <> user_id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE impersonations');
  await sql('ALTER TABLE sessions DROP COLUMN impersonator_id');
  await sql('DROP TABLE factor_recoveries');
  await sql("DELETE FROM action_tokens WHERE purpose = 'recover-factor'");
  await sql(`ALTER TABLE action_tokens MODIFY purpose ENUM(${PURPOSES}) NOT NULL`);
};
