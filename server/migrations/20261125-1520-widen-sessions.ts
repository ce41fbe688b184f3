import type { Migration } from '../platform/db/migrate';

export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE sessions
    ADD COLUMN kind ENUM('web', 'mobile') NOT NULL DEFAULT 'mobile',
    ADD COLUMN device_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN user_agent VARCHAR(200) NOT NULL DEFAULT '',
    ADD COLUMN amr VARCHAR(60) CHARACTER SET ascii NOT NULL DEFAULT 'pwd',
    ADD COLUMN auth_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    ADD COLUMN ended_at DATETIME(3) NULL,
    ADD COLUMN end_reason VARCHAR(40) CHARACTER SET ascii NULL,
    ADD KEY by_idle_end (state, idle_expires_at), ADD KEY by_end (ended_at)`);
  await sql('UPDATE sessions SET auth_time = created_at');
  await sql('ALTER TABLE refresh_tokens ADD KEY by_rotation (rotated_at)');
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('ALTER TABLE refresh_tokens DROP KEY by_rotation');
  await sql(`ALTER TABLE sessions DROP KEY by_idle_end, DROP KEY by_end, DROP COLUMN kind, DROP COLUMN device_id,
    DROP COLUMN user_agent, DROP COLUMN amr, DROP COLUMN auth_time, DROP COLUMN ended_at, DROP COLUMN end_reason`);
};
