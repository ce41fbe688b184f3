import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE webhooks (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, url VARCHAR(500) NOT NULL, events TEXT NOT NULL,
    is_enabled TINYINT NOT NULL, secret_id ${ID} NOT NULL, failures INT UNSIGNED NOT NULL DEFAULT 0,
    created_at DATETIME(3) NOT NULL, version INT NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT webhook_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id) ON DELETE CASCADE,
    CONSTRAINT webhook_secret FOREIGN KEY (org_id, secret_id) REFERENCES config_secrets (org_id, id)
  )`);
  await sql(`CREATE TABLE webhook_deliveries (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, webhook_id ${ID} NOT NULL, event VARCHAR(80) CHARACTER SET ascii NOT NULL,
    body MEDIUMTEXT NOT NULL, state ENUM('waiting', 'delivered', 'given-up') NOT NULL, attempts INT UNSIGNED NOT NULL DEFAULT 0,
    next_at DATETIME(3) NULL, status SMALLINT UNSIGNED NULL, error VARCHAR(300) NULL, duration_ms INT UNSIGNED NULL,
    created_at DATETIME(3) NOT NULL, delivered_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), KEY of_webhook (org_id, webhook_id, id), KEY by_age (created_at),
    CONSTRAINT delivery_of_webhook FOREIGN KEY (org_id, webhook_id) REFERENCES webhooks (org_id, id) ON DELETE CASCADE,
    CONSTRAINT delivery_done CHECK ((state = 'delivered') = (delivered_at IS NOT NULL))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['webhook_deliveries', 'webhooks']) await sql(`DROP TABLE ${table}`);
};
