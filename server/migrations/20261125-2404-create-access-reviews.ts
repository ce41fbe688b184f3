import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // One review of an organisation runs at a time.
  await sql(`CREATE TABLE access_reviews (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, title VARCHAR(120) NOT NULL, state ENUM('open', 'closed') NOT NULL DEFAULT 'open',
    open_mark TINYINT NULL DEFAULT 1, due_at DATETIME(3) NOT NULL, begun_by ${ID} NOT NULL, begun_at DATETIME(3) NOT NULL,
    closed_by ${ID} NULL, closed_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open (org_id, open_mark),
    CONSTRAINT review_begun_by FOREIGN KEY (org_id, begun_by) REFERENCES users (org_id, id),
    CONSTRAINT review_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT review_mark CHECK ((state = 'closed') = (open_mark IS NULL))
  )`);
  // The roles as they stood when it began; what was decided about each, once.
  await sql(`CREATE TABLE access_review_items (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, review_id ${ID} NOT NULL, user_id ${ID} NOT NULL,
    role VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, branch_id ${ID} NULL, granted_at DATETIME(3) NOT NULL,
    decision ENUM('keep', 'revoke') NULL, note VARCHAR(500) NULL, decided_by ${ID} NULL, decided_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, id), KEY of_review (org_id, review_id, id),
    CONSTRAINT item_of_review FOREIGN KEY (org_id, review_id) REFERENCES access_reviews (org_id, id),
    CONSTRAINT item_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT item_decided CHECK ((decision IS NULL) = (decided_at IS NULL))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['access_review_items', 'access_reviews']) await sql(`DROP TABLE ${table}`);
};
