import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

/**
 * A stay keeps its places sealed; plain columns hold what was recorded before. A visit may be open within a day's work,
 * so the one open stay a person becomes one of each lane.
 */
export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE check_ins
    ADD COLUMN lane ENUM('work', 'visit') NOT NULL DEFAULT 'work',
    ADD COLUMN type VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'field-work',
    ADD COLUMN status VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'accepted',
    ADD COLUMN ended_by ${ID} NULL,
    ADD COLUMN started_place VARBINARY(400) NULL, ADD COLUMN ended_place VARBINARY(400) NULL,
    MODIFY COLUMN started_lat_e7 INT NULL, MODIFY COLUMN started_lng_e7 INT NULL,
    ADD COLUMN reminded_at DATETIME(3) NULL,
    DROP KEY one_open, ADD UNIQUE KEY one_open (org_id, open_for, lane),
    ADD KEY open_since (lane, ended_at, started_at)`);
  await sql(`CREATE TABLE check_in_marks (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, client_id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NOT NULL,
    type VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, kind ENUM('in', 'out', 'visit') NOT NULL,
    pair_id ${ID} NULL, target_type VARCHAR(10) NULL, target_id ${ID} NULL,
    category VARCHAR(40) NULL, suggested_category VARCHAR(40) NULL, note VARCHAR(500) NULL, outcome VARCHAR(1000) NULL,
    occurred_at DATETIME(3) NOT NULL, tz VARCHAR(64) NOT NULL, local_date DATE NOT NULL,
    time_source ENUM('server', 'trusted', 'bounded', 'manual') NOT NULL,
    claimed_at DATETIME(3) NULL, skew_ms BIGINT NULL, uncertainty_ms BIGINT NOT NULL DEFAULT 0, received_at DATETIME(3) NOT NULL,
    place VARBINARY(400) NULL, place_state ENUM('none', 'exact', 'coarse', 'redacted') NOT NULL DEFAULT 'none',
    h3r7 VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NULL, h3r9 VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NULL,
    accuracy_m FLOAT NULL, fix_age_ms INT NULL, fence_id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    signed_distance_m DOUBLE NULL, inside_p DECIMAL(4, 3) NULL,
    decision ENUM('inside', 'outside', 'uncertain', 'not-required') NOT NULL,
    spoof_score TINYINT UNSIGNED NOT NULL DEFAULT 0, signals TEXT NOT NULL, reasons TEXT NOT NULL,
    status ENUM('received', 'accepted', 'flagged', 'rejected', 'superseded', 'voided', 'redacted') NOT NULL,
    pays BOOLEAN NOT NULL, rule_after ENUM('accept', 'reject') NOT NULL DEFAULT 'accept',
    review_reason VARCHAR(500) NULL, reviewer_id ${ID} NULL, reviewed_at DATETIME(3) NULL, superseded_by ${ID} NULL,
    photo VARCHAR(10) NOT NULL DEFAULT 'none', device_id ${ID} NULL, network ENUM('online', 'offline') NOT NULL,
    app_version VARCHAR(40) NULL, battery_pct TINYINT UNSIGNED NULL,
    fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY once (org_id, user_id, client_id),
    KEY of_person (org_id, user_id, occurred_at), KEY to_review (org_id, status, branch_id, id),
    KEY of_branch (org_id, branch_id, local_date), KEY of_device (org_id, device_id, occurred_at),
    KEY of_pair (org_id, pair_id), KEY to_keep (place_state, occurred_at), KEY waiting (status, received_at),
    CONSTRAINT mark_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT mark_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT score_is_percent CHECK (spoof_score <= 100),
    CONSTRAINT reviewed_by_another CHECK (reviewer_id IS NULL OR reviewer_id <> user_id)
  )`);
  await sql(`CREATE TABLE check_in_attempts (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), KEY of_person (org_id, user_id, at), KEY old (at),
    CONSTRAINT attempt_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('DROP TABLE check_in_attempts');
  await sql('DROP TABLE check_in_marks');
  await sql("DELETE FROM check_ins WHERE started_lat_e7 IS NULL OR lane = 'visit'");
  await sql(`ALTER TABLE check_ins DROP KEY one_open, DROP KEY open_since, DROP COLUMN lane, DROP COLUMN type, DROP COLUMN status,
    DROP COLUMN ended_by, DROP COLUMN started_place, DROP COLUMN ended_place, DROP COLUMN reminded_at,
    MODIFY COLUMN started_lat_e7 INT NOT NULL, MODIFY COLUMN started_lng_e7 INT NOT NULL,
    ADD UNIQUE KEY one_open (org_id, open_for)`);
};
