import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE organisations
    ADD COLUMN rounding_mode ENUM('half-up', 'half-even') NOT NULL DEFAULT 'half-up',
    ADD COLUMN owner_id ${ID} NULL, ADD COLUMN closed_at DATETIME(3) NULL,
    ADD COLUMN closed_from ENUM('trial', 'active', 'suspended') NULL,
    ADD CONSTRAINT owner_of_organisation FOREIGN KEY (id, owner_id) REFERENCES users (org_id, id)`);
  await sql(`UPDATE organisations o JOIN (
      SELECT org_id, MIN(user_id) AS user_id FROM role_grants WHERE role = 'owner' GROUP BY org_id
    ) g ON g.org_id = o.id SET o.owner_id = g.user_id`);
  await sql("UPDATE organisations SET closed_at = created_at, closed_from = 'active' WHERE status = 'closed'");
  await sql(`ALTER TABLE organisations
    ADD CONSTRAINT closing_is_whole CHECK ((status = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (closed_from IS NULL))`);
  await sql(`ALTER TABLE users
    ADD COLUMN phone VARCHAR(16) CHARACTER SET ascii NULL, ADD COLUMN manager_id ${ID} NULL,
    ADD COLUMN timezone VARCHAR(64) NULL, ADD COLUMN locale VARCHAR(35) NULL, ADD COLUMN avatar_document_id ${ID} NULL,
    ADD COLUMN started_on DATE NULL, ADD COLUMN ended_on DATE NULL,
    ADD COLUMN invited_at DATETIME(3) NULL, ADD COLUMN deactivated_at DATETIME(3) NULL,
    ADD COLUMN deactivated_from ENUM('invited', 'pending_verification', 'active', 'suspended') NULL,
    ADD COLUMN erased_at DATETIME(3) NULL,
    ADD KEY by_manager (org_id, manager_id), ADD KEY by_status (org_id, status),
    ADD CONSTRAINT user_below_manager FOREIGN KEY (org_id, manager_id) REFERENCES users (org_id, id)`);
  await sql(`UPDATE users SET deactivated_at = created_at, deactivated_from = 'active'
    WHERE status = 'deactivated' AND kind <> 'service'`);
  await sql(`ALTER TABLE users
    ADD CONSTRAINT leaving_is_whole CHECK (kind = 'service' OR (deactivated_at IS NULL) = (deactivated_from IS NULL)),
    ADD CONSTRAINT nobody_manages_himself CHECK (manager_id IS NULL OR manager_id <> id)`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql(`ALTER TABLE users DROP CONSTRAINT leaving_is_whole, DROP CONSTRAINT nobody_manages_himself`);
  await sql('ALTER TABLE users DROP FOREIGN KEY user_below_manager');
  await sql(`ALTER TABLE users DROP KEY by_manager, DROP KEY by_status, DROP COLUMN phone, DROP COLUMN manager_id,
    DROP COLUMN timezone, DROP COLUMN locale, DROP COLUMN avatar_document_id, DROP COLUMN started_on,
    DROP COLUMN ended_on, DROP COLUMN invited_at, DROP COLUMN deactivated_at, DROP COLUMN deactivated_from,
    DROP COLUMN erased_at`);
  await sql('ALTER TABLE organisations DROP FOREIGN KEY owner_of_organisation');
  await sql('ALTER TABLE organisations DROP CONSTRAINT closing_is_whole');
  await sql(`ALTER TABLE organisations DROP COLUMN rounding_mode, DROP COLUMN owner_id, DROP COLUMN closed_at,
    DROP COLUMN closed_from`);
};
