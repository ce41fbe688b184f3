import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`CREATE TABLE profiles (
    org_id ${ID} NOT NULL, user_id ${ID} NOT NULL, address TEXT NULL, birthday DATE NULL, emergency_contact TEXT NULL,
    skills TEXT NOT NULL, custom_fields MEDIUMTEXT NOT NULL,
    PRIMARY KEY (org_id, user_id),
    CONSTRAINT profile_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`CREATE TABLE field_rules (
    org_id ${ID} NOT NULL, rules MEDIUMTEXT NOT NULL,
    PRIMARY KEY (org_id),
    CONSTRAINT rules_of_organisation FOREIGN KEY (org_id) REFERENCES organisations (id)
  )`);
  await sql(`CREATE TABLE teams (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, name VARCHAR(120) NOT NULL, branch_id ${ID} NULL, lead_id ${ID} NOT NULL,
    version INT NOT NULL DEFAULT 1,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_team_name (org_id, name), KEY by_lead (org_id, lead_id),
    CONSTRAINT team_in_organisation FOREIGN KEY (org_id) REFERENCES organisations (id),
    CONSTRAINT team_at_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
    CONSTRAINT lead_of_team FOREIGN KEY (org_id, lead_id) REFERENCES users (org_id, id)
  )`);
  await sql(`CREATE TABLE team_members (
    org_id ${ID} NOT NULL, team_id ${ID} NOT NULL, user_id ${ID} NOT NULL,
    from_at DATETIME(3) NOT NULL, to_at DATETIME(3) NULL,
    PRIMARY KEY (org_id, team_id, user_id, from_at), KEY of_user (org_id, user_id),
    CONSTRAINT member_of_team FOREIGN KEY (org_id, team_id) REFERENCES teams (org_id, id) ON DELETE CASCADE,
    CONSTRAINT member_is_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT membership_has_length CHECK (to_at IS NULL OR to_at > from_at)
  )`);
  await sql(`CREATE TABLE ownership_transfers (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, from_user_id ${ID} NOT NULL, to_user_id ${ID} NOT NULL,
    status ENUM('open', 'accepted', 'declined', 'expired') NOT NULL, open_mark TINYINT NULL,
    created_at DATETIME(3) NOT NULL, expires_at DATETIME(3) NOT NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open (org_id, open_mark),
    CONSTRAINT transfer_from FOREIGN KEY (org_id, from_user_id) REFERENCES users (org_id, id),
    CONSTRAINT transfer_to FOREIGN KEY (org_id, to_user_id) REFERENCES users (org_id, id),
    CONSTRAINT open_is_marked CHECK ((status = 'open') = (open_mark IS NOT NULL) AND (open_mark IS NULL OR open_mark = 1))
  )`);
  await sql(`CREATE TABLE erasures (
    org_id ${ID} NOT NULL, id ${ID} NOT NULL, user_id ${ID} NOT NULL,
    status ENUM('open', 'approved', 'refused', 'withdrawn') NOT NULL, open_mark TINYINT NULL,
    reason VARCHAR(500) NULL, requested_at DATETIME(3) NOT NULL,
    decided_by ${ID} NULL, decided_at DATETIME(3) NULL, answer VARCHAR(500) NULL,
    PRIMARY KEY (org_id, id), UNIQUE KEY one_open_erasure (org_id, user_id, open_mark),
    CONSTRAINT erasure_of_user FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT open_erasure_is_marked CHECK ((status = 'open') = (open_mark IS NOT NULL) AND (open_mark IS NULL OR open_mark = 1))
  )`);
};

export const down: Migration['down'] = async ({ sql }) => {
  for (const table of ['erasures', 'ownership_transfers', 'team_members', 'teams', 'field_rules', 'profiles'])
    await sql(`DROP TABLE ${table}`);
};
