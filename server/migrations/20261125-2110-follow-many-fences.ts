import type { Migration } from '../platform/db/migrate';

const ID = 'CHAR(26) CHARACTER SET ascii COLLATE ascii_bin';

export const up: Migration['up'] = async ({ sql }) => {
  // A fence is a branch's own one, under the id of the branch, or one of `geofences`.
  await sql(`CREATE TABLE geofence_states (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, fence_id ${ID} NOT NULL, state ENUM('in', 'out') NOT NULL,
    since DATETIME(3) NOT NULL, pending_at DATETIME(3) NULL, has_dwelled BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (org_id, trackable_id, fence_id),
    CONSTRAINT geofence_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`INSERT INTO geofence_states (org_id, trackable_id, fence_id, state, since, pending_at)
    SELECT org_id, trackable_id, branch_id, state, since, pending_at FROM fence_states WHERE state = 'in'`);
  await sql('DROP TABLE fence_states');
  // The reading that the next one is joined with, to see whether the way between them went through a fence.
  await sql(`ALTER TABLE track_states
    ADD COLUMN last_at DATETIME(3) NULL, ADD COLUMN last_lat_e7 INT NULL, ADD COLUMN last_lng_e7 INT NULL,
    ADD COLUMN last_accuracy_m FLOAT NULL`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql(`ALTER TABLE track_states
    DROP COLUMN last_at, DROP COLUMN last_lat_e7, DROP COLUMN last_lng_e7, DROP COLUMN last_accuracy_m`);
  await sql(`CREATE TABLE fence_states (
    org_id ${ID} NOT NULL, trackable_id ${ID} NOT NULL, branch_id ${ID} NOT NULL, state ENUM('in', 'out') NOT NULL,
    since DATETIME(3) NOT NULL, pending_at DATETIME(3) NULL, PRIMARY KEY (org_id, trackable_id, branch_id),
    CONSTRAINT fence_of_trackable FOREIGN KEY (org_id, trackable_id) REFERENCES trackables (org_id, id) ON DELETE CASCADE,
    CONSTRAINT fence_of_branch FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id) ON DELETE CASCADE
  )`);
  await sql(`INSERT INTO fence_states (org_id, trackable_id, branch_id, state, since, pending_at)
    SELECT s.org_id, s.trackable_id, s.fence_id, s.state, s.since, s.pending_at FROM geofence_states s
      JOIN branches b ON b.org_id = s.org_id AND b.id = s.fence_id`);
  await sql('DROP TABLE geofence_states');
};
