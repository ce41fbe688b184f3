import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const SHA256 = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE credentials
    ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN locked_at DATETIME(3) NULL,
    ADD COLUMN failures_since DATETIME(3) NULL`);
  // Whoever signs up belongs to no organisation yet, and whoever brings a link says none.
  await sql(`CREATE TABLE action_tokens (
    token_sha256 ${SHA256} NOT NULL, org_id ${ID} NULL, user_id ${ID} NULL, email VARCHAR(254) NOT NULL,
    purpose ENUM('verify-email', 'set-up', 'reset-password', 'invite', 'unlock', 'change-email') NOT NULL,
    cause ${ID} NULL, ip VARCHAR(45) CHARACTER SET ascii NOT NULL, created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL, used_at DATETIME(3) NULL,
    PRIMARY KEY (token_sha256), KEY of_user (org_id, user_id, purpose), KEY of_email (email, purpose),
    KEY by_cause (cause), KEY by_end (expires_at),
    CONSTRAINT token_is_of_somebody_or_nobody CHECK ((org_id IS NULL) = (user_id IS NULL)),
    CONSTRAINT action_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE sign_ups (
    email VARCHAR(254) NOT NULL, state ENUM('pending-email', 'verified') NOT NULL, created_at DATETIME(3) NOT NULL,
    verified_at DATETIME(3) NULL, PRIMARY KEY (email), KEY by_age (created_at),
    CONSTRAINT verified_at_some_time CHECK ((state = 'verified') = (verified_at IS NOT NULL))
  )`);
  // Guesses at addresses that nobody has belong to no organisation.
  await sql(`CREATE TABLE login_attempts (
    id ${ID} NOT NULL, org_id ${ID} NULL, user_id ${ID} NULL, account_key ${SHA256} NOT NULL,
    ip VARCHAR(45) CHARACTER SET ascii NOT NULL, user_agent VARCHAR(200) NOT NULL,
    outcome ENUM('success', 'failure', 'denied') NOT NULL, reason VARCHAR(40) CHARACTER SET ascii NOT NULL,
    at DATETIME(3) NOT NULL,
    PRIMARY KEY (id), KEY of_organisation (org_id, id), KEY of_user (org_id, user_id, id), KEY by_age (at),
    KEY failures_of_user (org_id, user_id, outcome, at)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['login_attempts', 'sign_ups', 'action_tokens']) await sql(`DROP TABLE ${table}`);
  await sql('ALTER TABLE credentials DROP COLUMN must_change, DROP COLUMN locked_at, DROP COLUMN failures_since');
};
