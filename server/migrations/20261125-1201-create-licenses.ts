import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const HASH = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';

/** One of the plans that are shipped. */
const ENTERPRISE = '01KAQ000000000000000000004';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE licenses (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, type ENUM('perpetual', 'subscription', 'trial', 'enterprise') NOT NULL,
    plan_version_id ${ID} NOT NULL, starts_at DATETIME(3) NOT NULL, expires_at DATETIME(3) NULL, term_start DATETIME(3) NOT NULL,
    maintenance_until DATETIME(3) NULL, grace_days INT UNSIGNED NOT NULL DEFAULT 15,
    overage ENUM('none', 'x1_25', 'x1_5', 'x2', 'always') NOT NULL DEFAULT 'none',
    renewal_auto TINYINT(1) NOT NULL DEFAULT 0,
    renewal_basis ENUM('from_expiry', 'from_now', 'from_now_if_expired') NOT NULL DEFAULT 'from_expiry',
    anchor_day TINYINT UNSIGNED NOT NULL, overrides TEXT NOT NULL, trial_extended TINYINT(1) NOT NULL DEFAULT 0,
    next_plan_version_id ${ID} NULL, next_plan_at DATETIME(3) NULL,
    suspended_at DATETIME(3) NULL, suspend_reason VARCHAR(120) NULL,
    revoked_at DATETIME(3) NULL, revoke_reason VARCHAR(120) NULL,
    reseller_id ${ID} NULL, file_issued_at DATETIME(3) NULL, ended_at DATETIME(3) NULL, current_for ${ID} NULL,
    told_state ENUM('not_started', 'trial', 'active', 'grace', 'expired', 'suspended', 'revoked') NULL,
    look_at DATETIME(3) NULL, fv INT UNSIGNED NOT NULL DEFAULT 1, created_at DATETIME(3) NOT NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_current (current_for), KEY to_look_at (look_at), KEY to_renew (renewal_auto, expires_at),
    CONSTRAINT license_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT license_of_plan FOREIGN KEY (plan_version_id) REFERENCES plan_versions (id),
    CONSTRAINT license_next_plan FOREIGN KEY (next_plan_version_id) REFERENCES plan_versions (id),
    CONSTRAINT license_without_end CHECK ((expires_at IS NULL) = (type = 'perpetual')),
    CONSTRAINT license_order CHECK (expires_at IS NULL OR expires_at >= starts_at),
    CONSTRAINT license_current CHECK ((ended_at IS NULL) = (current_for IS NOT NULL) AND (current_for IS NULL OR current_for = org_id)),
    CONSTRAINT license_next CHECK ((next_plan_version_id IS NULL) = (next_plan_at IS NULL)),
    CONSTRAINT license_anchor CHECK (anchor_day BETWEEN 1 AND 31)
  )`);
  await sql(`CREATE TABLE license_keys (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, license_id ${ID} NOT NULL, prefix VARCHAR(12) CHARACTER SET ascii NOT NULL,
    sha256 ${HASH} NOT NULL, issued_at DATETIME(3) NOT NULL, revoked_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_key (sha256), KEY of_license (org_id, license_id),
    CONSTRAINT key_of_license FOREIGN KEY (org_id, license_id) REFERENCES licenses (org_id, id)
  )`);
  await sql(`CREATE TABLE license_key_sightings (
    org_id ${ID} NOT NULL, key_id ${ID} NOT NULL, fingerprint_sha256 ${HASH} NOT NULL, seen_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, key_id, fingerprint_sha256), KEY by_age (seen_at)
  )`);
  await sql(`CREATE TABLE license_activations (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, license_id ${ID} NOT NULL, fingerprint_sha256 ${HASH} NOT NULL,
    label VARCHAR(120) NOT NULL, first_seen_at DATETIME(3) NOT NULL, last_beat_at DATETIME(3) NOT NULL,
    deactivated_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_machine (org_id, license_id, fingerprint_sha256),
    CONSTRAINT activation_of_license FOREIGN KEY (org_id, license_id) REFERENCES licenses (org_id, id)
  )`);
  await sql(`CREATE TABLE license_events (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, license_id ${ID} NOT NULL, type VARCHAR(60) CHARACTER SET ascii NOT NULL,
    once VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL, at DATETIME(3) NOT NULL, actor_id ${ID} NULL, data TEXT NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY told_once (org_id, license_id, once)
  )`);
  await sql(`CREATE TABLE license_trials (
    claim VARCHAR(260) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, org_id ${ID} NOT NULL, at DATETIME(3) NOT NULL,
    PRIMARY KEY (claim)
  )`);
  await sql(`CREATE TABLE license_freed_seats (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, freed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, user_id),
    CONSTRAINT freed_seat_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  // One row: the greatest time that is known to have been, and for how long the clock has been behind it.
  await sql(`CREATE TABLE license_clock (
    one TINYINT NOT NULL DEFAULT 1, greatest_at DATETIME(3) NOT NULL, behind_ms BIGINT UNSIGNED NULL, ticked_at DATETIME(3) NOT NULL,
    PRIMARY KEY (one), CONSTRAINT one_clock CHECK (one = 1)
  )`);
  // Organisations that were there before licences were keep what they have. Unfounded ones have no time of their own.
  await sql(`INSERT INTO licenses (org_id, id, type, plan_version_id, starts_at, term_start, anchor_day, overrides, current_for,
      told_state, created_at)
    SELECT id, id, 'perpetual', '${ENTERPRISE}', created_at, created_at, DAYOFMONTH(created_at), '[]', id, 'active', created_at
    FROM organisations`);
};

const TABLES = [
  'license_clock',
  'license_freed_seats',
  'license_trials',
  'license_events',
  'license_activations',
  'license_key_sightings',
  'license_keys',
  'licenses',
];

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of TABLES) await sql(`DROP TABLE ${table}`);
};
