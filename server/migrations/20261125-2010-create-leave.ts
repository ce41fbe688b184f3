import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE leave_types (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(120) NOT NULL, unit ENUM('day', 'half_day', 'hour') NOT NULL, is_paid BOOLEAN NOT NULL,
    needs_balance BOOLEAN NOT NULL, starts_on DATE NOT NULL,
    is_time_off BOOLEAN NOT NULL, time_off_mark TINYINT NULL,
    policy TEXT NOT NULL, is_active BOOLEAN NOT NULL, version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_leave_code (org_id, code), UNIQUE KEY one_time_off (org_id, time_off_mark),
    CONSTRAINT leave_type_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT time_off_is_marked CHECK ((is_time_off AND is_active) = (time_off_mark IS NOT NULL) AND (time_off_mark IS NULL OR time_off_mark = 1)),
    CONSTRAINT time_off_is_counted CHECK (NOT is_time_off OR needs_balance)
  )`);
  // One writer a person and type at a time: whoever changes lots takes this row first.
  await sql(`CREATE TABLE leave_accounts (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, type_id ${ID} NOT NULL,
    PRIMARY KEY (org_id, user_id, type_id),
    CONSTRAINT account_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT account_of_type FOREIGN KEY (org_id, type_id) REFERENCES leave_types (org_id, id)
  )`);
  // What is left is never written by a statement of its own: entries and reservations move it.
  await sql(`CREATE TABLE leave_lots (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, type_id ${ID} NOT NULL,
    kind ENUM('accrual', 'carry', 'grant', 'comp_off', 'adjustment', 'overdraft') NOT NULL,
    milli_days INT NOT NULL, remaining INT NOT NULL DEFAULT 0, reserved INT NOT NULL DEFAULT 0,
    valid_from DATE NOT NULL, expires_on DATE NULL,
    source_key VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, carry_id ${ID} NULL, created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_source (org_id, source_key),
    KEY of_account (org_id, user_id, type_id, expires_on, valid_from), KEY to_expire (org_id, expires_on),
    CONSTRAINT lot_of_account FOREIGN KEY (org_id, user_id, type_id) REFERENCES leave_accounts (org_id, user_id, type_id),
    CONSTRAINT lot_is_not_overdrawn CHECK (kind = 'overdraft' OR (milli_days >= 0 AND remaining >= reserved AND remaining <= milli_days)),
    CONSTRAINT reserved_is_no_debt CHECK (reserved >= 0),
    CONSTRAINT lot_in_order CHECK (expires_on IS NULL OR expires_on >= valid_from)
  )`);
  await sql(`CREATE TABLE leave_requests (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL, type_id ${ID} NOT NULL, branch_id ${ID} NULL,
    from_date DATE NOT NULL, to_date DATE NOT NULL,
    first_half ENUM('first', 'second') NULL, last_half ENUM('first', 'second') NULL, minutes SMALLINT UNSIGNED NULL,
    milli_days INT NOT NULL, state ENUM('draft', 'pending', 'approved', 'taken', 'rejected', 'withdrawn', 'cancelled', 'shortened') NOT NULL,
    approvers TEXT NOT NULL, reason VARCHAR(500) NULL, document_ids TEXT NOT NULL,
    requested_by ${ID} NOT NULL, requested_at DATETIME(3) NULL, decided_by ${ID} NULL, decided_at DATETIME(3) NULL, note VARCHAR(500) NULL,
    version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id),
    KEY of_person (org_id, user_id, from_date), KEY by_state (org_id, state, id), KEY to_take (org_id, state, to_date),
    KEY of_branch (org_id, branch_id, from_date),
    CONSTRAINT request_of_account FOREIGN KEY (org_id, user_id, type_id) REFERENCES leave_accounts (org_id, user_id, type_id),
    CONSTRAINT request_in_order CHECK (to_date >= from_date),
    CONSTRAINT request_has_length CHECK (milli_days >= 0)
  )`);
  await sql(`CREATE TABLE leave_days (
    org_id ${ID} NOT NULL, request_id ${ID} NOT NULL, date DATE NOT NULL, user_id ${ID} NOT NULL,
    milli_days SMALLINT UNSIGNED NOT NULL, half ENUM('first', 'second') NULL, minutes SMALLINT UNSIGNED NULL,
    mark ENUM('weekend', 'holiday') NULL, released_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, request_id, date), KEY of_person (org_id, user_id, date), KEY by_date (org_id, date),
    CONSTRAINT day_of_request FOREIGN KEY (org_id, request_id) REFERENCES leave_requests (org_id, id) ON DELETE CASCADE,
    CONSTRAINT leave_day_is_no_longer CHECK (milli_days <= 1000)
  )`);
  // Each half of a date belongs to one request at most: two at once cannot both have it.
  await sql(`CREATE TABLE leave_halves (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, date DATE NOT NULL, half ENUM('first', 'second') NOT NULL, request_id ${ID} NOT NULL,
    PRIMARY KEY (org_id, user_id, date, half), KEY of_request (org_id, request_id),
    CONSTRAINT half_of_request FOREIGN KEY (org_id, request_id) REFERENCES leave_requests (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE leave_reservations (
    org_id ${ID} NOT NULL, request_id ${ID} NOT NULL, date DATE NOT NULL, lot_id ${ID} NOT NULL, milli_days SMALLINT UNSIGNED NOT NULL,
    PRIMARY KEY (org_id, request_id, date, lot_id), KEY of_lot (org_id, lot_id),
    CONSTRAINT reservation_of_request FOREIGN KEY (org_id, request_id) REFERENCES leave_requests (org_id, id),
    CONSTRAINT reservation_of_lot FOREIGN KEY (org_id, lot_id) REFERENCES leave_lots (org_id, id)
  )`);
  await sql(`CREATE TABLE leave_entries (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, lot_id ${ID} NOT NULL, user_id ${ID} NOT NULL, type_id ${ID} NOT NULL,
    delta INT NOT NULL, reason ENUM('accrue', 'consume', 'release', 'expire', 'carry_out', 'carry_in', 'adjust', 'encash') NOT NULL,
    request_id ${ID} NULL, leave_date DATE NULL, on_date DATE NOT NULL, actor_id ${ID} NULL, note VARCHAR(500) NULL, at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), KEY of_lot (org_id, lot_id), KEY of_account (org_id, user_id, type_id, id), KEY of_request (org_id, request_id, leave_date),
    CONSTRAINT entry_of_lot FOREIGN KEY (org_id, lot_id) REFERENCES leave_lots (org_id, id)
  )`);
  // What runs once a local date of a zone.
  await sql(`CREATE TABLE leave_runs (
    org_id ${ID} NOT NULL, timezone VARCHAR(64) CHARACTER SET ascii NOT NULL, job ENUM('expiry', 'accrual', 'taken', 'year-end', 'told') NOT NULL,
    local_date DATE NOT NULL, asked_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, timezone, job, local_date), KEY by_age (local_date)
  )`);
  for (const statement of [...TRIGGERS, ...VIEWS]) await sql(statement);
};

const refuse = (message: string): string => `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${message}'`;

/** What a refused statement leaves behind must not open the lots for the next one of its connection. */
const HANDLER = 'DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN SET @leave_moves = NULL; RESIGNAL; END;';

/** A ledger that only grows, and lots that are the sums of it. */
const TRIGGERS = [
  `CREATE TRIGGER leave_lots_begin_empty BEFORE INSERT ON leave_lots FOR EACH ROW
    BEGIN SET NEW.remaining = 0; SET NEW.reserved = 0; END`,
  `CREATE TRIGGER leave_lots_follow_the_ledger BEFORE UPDATE ON leave_lots FOR EACH ROW
    BEGIN
      IF @leave_moves IS NULL AND (NEW.remaining <> OLD.remaining OR NEW.reserved <> OLD.reserved) THEN
        ${refuse('what is left of a lot follows the ledger')};
      END IF;
    END`,
  `CREATE TRIGGER leave_entries_move_lots AFTER INSERT ON leave_entries FOR EACH ROW
    BEGIN
      ${HANDLER}
      SET @leave_moves = 1;
      UPDATE leave_lots SET remaining = remaining + NEW.delta WHERE org_id = NEW.org_id AND id = NEW.lot_id;
      SET @leave_moves = NULL;
    END`,
  `CREATE TRIGGER leave_reservations_hold AFTER INSERT ON leave_reservations FOR EACH ROW
    BEGIN
      ${HANDLER}
      SET @leave_moves = 1;
      UPDATE leave_lots SET reserved = reserved + NEW.milli_days WHERE org_id = NEW.org_id AND id = NEW.lot_id;
      SET @leave_moves = NULL;
    END`,
  `CREATE TRIGGER leave_reservations_let_go AFTER DELETE ON leave_reservations FOR EACH ROW
    BEGIN
      ${HANDLER}
      SET @leave_moves = 1;
      UPDATE leave_lots SET reserved = reserved - OLD.milli_days WHERE org_id = OLD.org_id AND id = OLD.lot_id;
      SET @leave_moves = NULL;
    END`,
  `CREATE TRIGGER leave_entries_do_not_change BEFORE UPDATE ON leave_entries FOR EACH ROW
    BEGIN ${refuse('entries of the leave ledger do not change')}; END`,
  `CREATE TRIGGER leave_entries_stay BEFORE DELETE ON leave_entries FOR EACH ROW
    BEGIN ${refuse('entries of the leave ledger stay')}; END`,
];

const VIEWS = [
  `CREATE VIEW leave_people AS
    SELECT u.org_id, u.id AS user_id, u.name, u.status, u.home_branch_id, u.manager_id, u.job_title, u.started_on, u.ended_on,
      COALESCE(b.timezone, o.timezone) AS timezone, b.name AS branch_name, u.employee_no
    FROM users u JOIN organisations o ON o.id = u.org_id
      LEFT JOIN branches b ON b.org_id = u.org_id AND b.id = u.home_branch_id
    WHERE u.kind = 'person'`,
  `CREATE VIEW leave_zones AS
    SELECT org_id, timezone FROM branches WHERE status <> 'closed' UNION SELECT id AS org_id, timezone FROM organisations`,
  `CREATE VIEW leave_members AS
    SELECT m.org_id, m.branch_id, m.user_id, m.fte_centi, m.is_primary, m.from_date, m.to_date FROM branch_memberships m
      JOIN users u ON u.org_id = m.org_id AND u.id = m.user_id WHERE u.status IN ('active', 'invited')`,
];

const TABLES = ['runs', 'entries', 'reservations', 'halves', 'days', 'requests', 'lots', 'accounts', 'types'];

export const down: Migration['down'] = async ({ sql }) => {
  for (const view of ['leave_people', 'leave_zones', 'leave_members']) await sql(`DROP VIEW ${view}`);
  for (const table of TABLES) await sql(`DROP TABLE leave_${table}`);
};
