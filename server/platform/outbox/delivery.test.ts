import { type Note, streamOf, write, writeAndDie } from '../../testing/notes';
import { testHub } from '../../testing/test-hub';
import { outsideTransaction } from '../db/connect';

const hub = testHub();

describe('the relay', () => {
  it('sends what a dead process committed, once, though two relays look at the same time', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    await writeAndDie(hub.hub, person, ['a', 'b', 'c']);
    const later = new Date(hub.hub.now().getTime() + 60_000);

    await Promise.all([hub.hub.delivery.relayEvents(later), hub.hub.delivery.relayEvents(later)]);
    await write(hub.hub, person, ['d']);

    await listener.next<Note>('note:written', ({ text }) => text === 'd');
    expect(listener.heard('note:written').map((note) => (note as Note).text)).toEqual(['a', 'b', 'c', 'd']);
    await hub.hub.delivery.settle();
    expect(await hub.hub.delivery.relayEvents(later)).toBe(0);
  });
});

describe('noting what was sent', () => {
  it('waits for nobody who writes at the same time, though the server reads the whole table for it', async () => {
    const person = await hub.person();
    const { streams, sequelize } = hub.hub;
    const event = { namespace: '/notifications', stream: streamOf(person), event: 'note:written', data: { text: 'a' } };
    const sent = await sequelize.transaction(() => streams.append(Array.from({ length: 80 }, () => event)));

    await sequelize.transaction(async () => {
      await streams.append([event]);
      await outsideTransaction(() => streams.markSent(sent));
      await streams.append([event]);
    });

    const rows = await hub.sql<{ pending: number | null }>(
      'SELECT pending FROM stream_events WHERE stream = ? ORDER BY n LIMIT 2',
      [streamOf(person)],
    );
    expect(rows.map(({ pending }) => pending)).toEqual([null, null]);
  });
});
