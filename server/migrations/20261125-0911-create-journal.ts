import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const HASH = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';
const NAME = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

const KEPT = [
  'org_id',
  'id',
  'type',
  'action',
  'outcome',
  'severity',
  'actor_kind',
  'actor_id',
  'entity_type',
  'entity_id',
  'branch_id',
  'pii_refs',
  'data',
  'causation',
  'occurred_at',
  'recorded_at',
];

// No foreign key to the organisation: its journal outlives it.
export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE journal_entries (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL,
    type ENUM('data_change', 'user_action', 'security_event', 'system_event') NOT NULL,
    action VARCHAR(80) ${NAME} NOT NULL,
    outcome ENUM('success', 'failure', 'denied') NOT NULL,
    severity ENUM('debug', 'info', 'notice', 'warning', 'error', 'critical') NOT NULL,
    actor_kind ENUM('user', 'service', 'portal', 'rule', 'system', 'anonymous') NOT NULL,
    actor_id VARCHAR(64) ${NAME} NULL,
    entity_type VARCHAR(60) ${NAME} NULL, entity_id VARCHAR(100) ${NAME} NULL, branch_id ${ID} NULL,
    pii_refs MEDIUMTEXT ${NAME} NOT NULL, data LONGTEXT ${NAME} NOT NULL, causation ${ID} NULL,
    occurred_at DATETIME(3) NOT NULL, recorded_at DATETIME(3) NOT NULL,
    seq BIGINT UNSIGNED NULL, prev_hash ${HASH} NULL, hash ${HASH} NULL, sealed_at DATETIME(3) NULL,
    unsealed TINYINT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_seq (org_id, seq), KEY waiting (unsealed, org_id),
    KEY by_entity (org_id, entity_type, entity_id), KEY by_actor (org_id, actor_id), KEY by_type (org_id, type),
    KEY by_branch (org_id, branch_id),
    CONSTRAINT entity_is_whole CHECK ((entity_type IS NULL) = (entity_id IS NULL)),
    CONSTRAINT seal_is_whole CHECK ((seq IS NULL) = (hash IS NULL) AND (seq IS NULL) = (prev_hash IS NULL)
      AND (seq IS NULL) = (sealed_at IS NULL) AND (seq IS NULL) = (unsealed IS NOT NULL))
  )`);
  await sql(`CREATE TABLE journal_heads (
    org_id ${ID} NOT NULL, seq BIGINT UNSIGNED NOT NULL, hash ${HASH} NOT NULL, PRIMARY KEY (org_id)
  )`);
  await sql(`CREATE TABLE journal_pii_keys (
    org_id ${ID} NOT NULL, subject_type VARCHAR(60) ${NAME} NOT NULL, subject_id VARCHAR(100) ${NAME} NOT NULL,
    wrapped_key VARBINARY(200) NULL, made_at DATETIME(3) NOT NULL, destroyed_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, subject_type, subject_id),
    CONSTRAINT key_or_destroyed CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
  )`);
  await sql(`CREATE TABLE journal_pii (
    org_id ${ID} NOT NULL, ref ${ID} NOT NULL, entry_id ${ID} NOT NULL,
    subject_type VARCHAR(60) ${NAME} NOT NULL, subject_id VARCHAR(100) ${NAME} NOT NULL,
    cipher MEDIUMBLOB NOT NULL,
    PRIMARY KEY (org_id, ref), KEY of_entry (org_id, entry_id), KEY of_subject (org_id, subject_type, subject_id)
  )`);
  // Who prunes says so by a row, and only its organisation's oldest end goes.
  await sql(`CREATE TABLE journal_tickets (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, through_seq BIGINT UNSIGNED NOT NULL, through_hash ${HASH} NOT NULL,
    through_at DATETIME(3) NOT NULL, count BIGINT UNSIGNED NOT NULL DEFAULT 0, started_at DATETIME(3) NOT NULL, ended_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), KEY by_id (id)
  )`);
  await sql(`CREATE TRIGGER journal_entries_are_sealed_once BEFORE UPDATE ON journal_entries FOR EACH ROW
    BEGIN
      IF OLD.seq IS NOT NULL OR NEW.seq IS NULL
        OR NOT (${KEPT.map((column) => `NEW.${column} <=> OLD.${column}`).join(' AND ')}) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'entries of the journal do not change';
      END IF;
    END`);
  await sql(`CREATE TRIGGER journal_entries_stay BEFORE DELETE ON journal_entries FOR EACH ROW
    BEGIN
      IF NOT EXISTS (
        SELECT 1 FROM journal_tickets t WHERE t.id = CONVERT(@journal_maintenance USING ascii) COLLATE ascii_bin
          AND t.org_id = OLD.org_id AND OLD.seq <= t.through_seq AND t.ended_at IS NULL
      ) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'entries of the journal stay';
      END IF;
    END`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['journal_entries', 'journal_tickets', 'journal_pii', 'journal_pii_keys', 'journal_heads'])
    await sql(`DROP TABLE ${table}`);
};
