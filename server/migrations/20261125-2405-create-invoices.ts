import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // Numbers of invoices are those of who runs the hub: one row a year, counted without a gap.
  await sql(`CREATE TABLE license_invoice_years (
    year SMALLINT UNSIGNED NOT NULL, last INT UNSIGNED NOT NULL DEFAULT 0, PRIMARY KEY (year)
  )`);
  // What was billed, as it was then: names and addresses change, an invoice does not. One for each charge that was paid.
  await sql(`CREATE TABLE license_invoices (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, number VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    charge_id ${ID} NOT NULL, organisation VARCHAR(200) NOT NULL, country CHAR(2) CHARACTER SET ascii NOT NULL,
    description VARCHAR(200) NOT NULL, price_minor BIGINT NOT NULL, currency CHAR(3) CHARACTER SET ascii NOT NULL,
    reference VARCHAR(120) NULL, issued_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_of_number (number), UNIQUE KEY one_of_charge (org_id, charge_id),
    CONSTRAINT invoice_of_charge FOREIGN KEY (org_id, charge_id) REFERENCES license_charges (org_id, id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['license_invoices', 'license_invoice_years']) await sql(`DROP TABLE ${table}`);
};
