import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE compliance_findings (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL,
    kind ENUM('over-limit', 'dead-activation', 'shared-key', 'expired-but-used', 'clock-tampered') NOT NULL,
    subject VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, state ENUM('open', 'waived', 'fixed') NOT NULL,
    standing TINYINT NULL, detail TEXT NOT NULL, found_at DATETIME(3) NOT NULL, seen_at DATETIME(3) NOT NULL,
    closed_at DATETIME(3) NULL, waiver VARCHAR(120) NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY found_once (org_id, kind, subject, standing), KEY by_state (org_id, state, id),
    CONSTRAINT finding_standing CHECK ((state = 'fixed') = (standing IS NULL)),
    CONSTRAINT finding_closed CHECK ((state = 'open') = (closed_at IS NULL))
  )`);
  await sql(`CREATE TABLE compliance_reports (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, from_day DATE NOT NULL, to_day DATE NOT NULL, format ENUM('csv') NOT NULL,
    content MEDIUMTEXT NOT NULL, sha256 CHAR(64) CHARACTER SET ascii NOT NULL, monthly TINYINT NULL, created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_a_month (org_id, from_day, monthly)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['compliance_reports', 'compliance_findings']) await sql(`DROP TABLE ${table}`);
};
