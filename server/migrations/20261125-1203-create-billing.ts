import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE license_subscriptions (
    org_id ${ID} NOT NULL, license_id ${ID} NOT NULL, provider VARCHAR(40) CHARACTER SET ascii NOT NULL,
    external_id VARCHAR(120) COLLATE utf8mb4_bin NOT NULL, state ENUM('active', 'past_due', 'cancelled') NOT NULL,
    current_period_end DATETIME(3) NULL, cancel_at_period_end TINYINT(1) NOT NULL DEFAULT 0,
    said_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, license_id), UNIQUE KEY one_subscription (provider, external_id),
    CONSTRAINT subscription_of_license FOREIGN KEY (org_id, license_id) REFERENCES licenses (org_id, id)
  )`);
  await sql(`CREATE TABLE license_charges (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, license_id ${ID} NOT NULL, purpose ENUM('renewal', 'plan') NOT NULL,
    plan_version_id ${ID} NOT NULL, price_minor BIGINT NOT NULL, currency CHAR(3) CHARACTER SET ascii NOT NULL,
    state ENUM('pending', 'paid', 'failed') NOT NULL, open_for ${ID} NULL, attempt TINYINT UNSIGNED NULL, term_end DATETIME(3) NULL,
    failure VARCHAR(200) NULL, reference VARCHAR(120) NULL, created_at DATETIME(3) NOT NULL, settled_at DATETIME(3) NULL,
    next_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_at_a_time (org_id, open_for), UNIQUE KEY each_try_once (org_id, license_id, term_end, attempt),
    CONSTRAINT charge_of_license FOREIGN KEY (org_id, license_id) REFERENCES licenses (org_id, id),
    CONSTRAINT charge_for_plan FOREIGN KEY (plan_version_id) REFERENCES plan_versions (id),
    CONSTRAINT charge_open CHECK ((state = 'pending') = (open_for IS NOT NULL)),
    CONSTRAINT charge_settled CHECK ((state = 'pending') = (settled_at IS NULL)),
    CONSTRAINT charge_price CHECK (price_minor >= 0)
  )`);
  await sql(`CREATE TABLE payment_events (
    provider VARCHAR(40) CHARACTER SET ascii NOT NULL, event_id VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    received_at DATETIME(3) NOT NULL,
    PRIMARY KEY (provider, event_id), KEY by_age (received_at)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['payment_events', 'license_charges', 'license_subscriptions']) await sql(`DROP TABLE ${table}`);
};
