import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';
const HASH = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';
const KEY = 'VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin';
const MIME = 'VARCHAR(100) CHARACTER SET ascii';

export const up: Migration['up'] = async ({ sql }) => {
  // Room that is spoken for by uploads under way counts as taken.
  await sql('ALTER TABLE storage_usage ADD COLUMN bytes_reserved BIGINT UNSIGNED NOT NULL DEFAULT 0');
  await sql(`CREATE TABLE uploads (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, target_id ${ID} NULL,
    size BIGINT UNSIGNED NOT NULL, received BIGINT UNSIGNED NOT NULL DEFAULT 0, fields TEXT NOT NULL,
    state ENUM('open', 'done', 'failed', 'ended') NOT NULL DEFAULT 'open', finishing_until DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL, expires_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), KEY by_end (state, expires_at),
    CONSTRAINT upload_by_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT upload_not_beyond CHECK (received <= size)
  )`);
  // One part begins at each place: of two senders of the same part, one is kept.
  await sql(`CREATE TABLE upload_parts (
    org_id ${ID} NOT NULL, upload_id ${ID} NOT NULL, begins_at BIGINT UNSIGNED NOT NULL, size BIGINT UNSIGNED NOT NULL,
    storage_key ${KEY} NOT NULL, PRIMARY KEY (org_id, upload_id, begins_at),
    CONSTRAINT part_of_upload FOREIGN KEY (org_id, upload_id) REFERENCES uploads (org_id, id)
  )`);
  await sql(`CREATE TABLE document_previews (
    org_id ${ID} NOT NULL, sha256 ${HASH} NOT NULL, width INT UNSIGNED NOT NULL, size BIGINT UNSIGNED NOT NULL,
    mime ${MIME} NOT NULL, target_id ${ID} NULL, storage_key ${KEY} NOT NULL, PRIMARY KEY (org_id, sha256, width),
    CONSTRAINT preview_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id)
  )`);
  await sql(`CREATE TABLE document_shares (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, document_id ${ID} NOT NULL, token_sha256 ${HASH} NOT NULL,
    password_hash VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL, failures INT UNSIGNED NOT NULL DEFAULT 0,
    closed_until DATETIME(3) NULL, max_downloads INT UNSIGNED NULL, downloads INT UNSIGNED NOT NULL DEFAULT 0,
    created_by ${ID} NOT NULL, created_at DATETIME(3) NOT NULL, expires_at DATETIME(3) NOT NULL, revoked_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY by_token (org_id, token_sha256), KEY by_document (org_id, document_id, id),
    CONSTRAINT share_of_document FOREIGN KEY (org_id, document_id) REFERENCES documents (org_id, id),
    CONSTRAINT share_by_user FOREIGN KEY (org_id, created_by) REFERENCES users (org_id, id),
    CONSTRAINT share_not_beyond CHECK (max_downloads IS NULL OR downloads <= max_downloads)
  )`);
  await sql('ALTER TABLE documents ADD KEY by_age (purpose, state, created_at)');
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('ALTER TABLE documents DROP KEY by_age');
  for (const table of ['document_shares', 'document_previews', 'upload_parts', 'uploads'])
    await sql(`DROP TABLE ${table}`);
  await sql('ALTER TABLE storage_usage DROP COLUMN bytes_reserved');
};
