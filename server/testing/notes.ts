import { event, live, stream } from '@loro/contracts/kit/live';
import { z } from 'zod';
import type { Hub } from '../platform/boot';
import type { Person } from './test-hub';

/** Something to publish that no room owns, on the stream of one person. */
const notes = live('/notifications', {
  streams: { user: stream('log', { permission: 'account.use', summary: 'What concerns one person' }) },
  calls: {},
  events: { 'note:written': event('user', z.object({ text: z.string() }), 'A test wrote something') },
});

export interface Note {
  readonly text: string;
}

export const streamOf = ({ orgId, userId }: Pick<Person, 'orgId' | 'userId'>): string => `${orgId}:user:${userId}`;

/** Publishes notes to people, all in one transaction; `before` runs in it after they were asked for. */
export async function write(
  hub: Hub,
  to: Pick<Person, 'orgId' | 'userId'> | readonly Pick<Person, 'orgId' | 'userId'>[],
  texts: readonly string[],
  before: () => Promise<void> = async () => {},
): Promise<void> {
  await hub.transact(async (after) => {
    for (const { orgId, userId: id } of Array.isArray(to) ? to : [to])
      for (const text of texts) after.publish(notes, 'note:written', { orgId, id }, { text });
    await before();
  });
}

/** Commits a note that nobody delivers, as when a process dies right after the commit. */
export async function writeAndDie(hub: Hub, { orgId, userId }: Person, texts: readonly string[]): Promise<void> {
  const name = streamOf({ orgId, userId });
  await hub.sequelize.transaction(() =>
    hub.streams.append(
      texts.map((text) => ({ namespace: '/notifications', stream: name, event: 'note:written', data: { text } })),
    ),
  );
}
