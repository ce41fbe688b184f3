import type { Migration } from '../platform/db/migrate';

// The relay asks for jobs that nobody has handed over, and for due ones that were handed over long ago.
export const up: Migration['up'] = async ({ sql }) => {
  await sql(`ALTER TABLE outbox_jobs DROP KEY unfinished,
    ADD KEY unhanded (state, handed_at, created_at), ADD KEY due (state, due_at, handed_at)`);
};

export const down: Migration['down'] = async ({ sql }) => {
  await sql('ALTER TABLE outbox_jobs DROP KEY unhanded, DROP KEY due, ADD KEY unfinished (state, created_at)');
};
