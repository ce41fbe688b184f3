import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const HASH = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';
const WORD = 'VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // Kept bytes, once in an organisation and never shared between two.
  await sql(`CREATE TABLE blobs (
    org_id ${ID} NOT NULL, sha256 ${HASH} NOT NULL, size BIGINT UNSIGNED NOT NULL, target_id ${ID} NULL,
    storage_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, refs INT UNSIGNED NOT NULL,
    state ENUM('kept', 'missing', 'changed') NOT NULL DEFAULT 'kept', checked_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, sha256), KEY by_check (checked_at),
    CONSTRAINT blob_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id)
  )`);
  await sql(`CREATE TABLE storage_usage (
    org_id ${ID} NOT NULL, bytes_used BIGINT UNSIGNED NOT NULL DEFAULT 0, PRIMARY KEY (org_id),
    CONSTRAINT usage_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id)
  )`);
  await sql(`CREATE TABLE documents (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, owner_id ${ID} NOT NULL, branch_id ${ID} NULL, purpose ${WORD} NOT NULL,
    title VARCHAR(255) NOT NULL, filename VARCHAR(255) NOT NULL, mime VARCHAR(100) CHARACTER SET ascii NOT NULL,
    size BIGINT UNSIGNED NOT NULL, sha256 ${HASH} NOT NULL,
    state ENUM('processing', 'ready', 'quarantined', 'trashed', 'purged') NOT NULL,
    scan ENUM('pending', 'clean', 'infected', 'skipped', 'error') NOT NULL,
    verification ENUM('none', 'verified', 'rejected') NOT NULL DEFAULT 'none', verified_by ${ID} NULL,
    verification_note VARCHAR(500) NULL, visibility ENUM('private', 'linked', 'branch', 'org') NOT NULL,
    classification ENUM('normal', 'personal', 'sensitive') NOT NULL DEFAULT 'normal', tags TEXT NOT NULL, meta TEXT NOT NULL,
    current_no INT UNSIGNED NOT NULL DEFAULT 1, url_epoch INT UNSIGNED NOT NULL DEFAULT 0,
    legal_hold BOOLEAN NOT NULL DEFAULT FALSE, retention_until DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL, deleted_at DATETIME(3) NULL, version INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), KEY by_owner (org_id, owner_id, id), KEY by_branch (org_id, branch_id, id),
    KEY by_trash (state, deleted_at),
    CONSTRAINT document_of_owner FOREIGN KEY (org_id, owner_id) REFERENCES users (org_id, id),
    CONSTRAINT document_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT document_trashed_at CHECK ((state IN ('trashed', 'purged')) = (deleted_at IS NOT NULL))
  )`);
  await sql(`CREATE TABLE document_versions (
    org_id ${ID} NOT NULL, document_id ${ID} NOT NULL, no INT UNSIGNED NOT NULL, sha256 ${HASH} NOT NULL,
    size BIGINT UNSIGNED NOT NULL, mime VARCHAR(100) CHARACTER SET ascii NOT NULL, note VARCHAR(120) NULL,
    created_by ${ID} NOT NULL, created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, document_id, no), KEY by_blob (org_id, sha256),
    CONSTRAINT version_of_document FOREIGN KEY (org_id, document_id) REFERENCES documents (org_id, id)
  )`);
  await sql(`CREATE TABLE document_links (
    org_id ${ID} NOT NULL, document_id ${ID} NOT NULL, owner_type ${WORD} NOT NULL, owner_id ${ID} NOT NULL,
    role ${WORD} NOT NULL, linked_by ${ID} NOT NULL, linked_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, document_id, owner_type, owner_id, role), KEY by_thing (org_id, owner_type, owner_id, document_id),
    CONSTRAINT link_of_document FOREIGN KEY (org_id, document_id) REFERENCES documents (org_id, id)
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['document_links', 'document_versions', 'documents', 'storage_usage', 'blobs'])
    await sql(`DROP TABLE ${table}`);
};
