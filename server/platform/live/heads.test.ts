import type { StreamPosition } from '@loro/contracts/kit/api';
import { type Note, streamOf, write, writeAndDie } from '../../testing/notes';
import { testHub } from '../../testing/test-hub';
import { HeadWatch } from './heads';

const hub = testHub();

async function follower() {
  const person = await hub.person();
  const stream = streamOf(person);
  const listener = await hub.listen('/notifications', person);
  // What a node has not sent anything of is told at the first look.
  await listener.next<StreamPosition>('stream:head', (head) => head.stream === stream);
  const heads = () => (listener.heard('stream:head') as StreamPosition[]).filter((head) => head.stream === stream);
  return { person, stream, listener, heads };
}

describe('watching where streams stand', () => {
  it('finds the lost last event, which no gap can show', async () => {
    const { person, stream, listener } = await follower();
    await write(hub.hub, person, ['arrives']);
    await writeAndDie(hub.hub, person, ['is lost on its way']);

    const head = await listener.next<StreamPosition>('stream:head', ({ stream: of, n }) => of === stream && n === 2);
    const { events } = await listener.subscribe(stream, { epoch: head.epoch, n: 1 });

    expect(listener.heard('note:written')).toEqual([{ text: 'arrives' }]);
    expect(events).toMatchObject([['note:written', { text: 'is lost on its way' }, { n: 2 }]]);
  });

  it('says nothing where every event arrived', async () => {
    const { person, listener, heads } = await follower();
    const other = await follower();
    await write(hub.hub, person, ['a', 'b', 'c']);
    await listener.next<Note>('note:written', ({ text }) => text === 'c');

    await writeAndDie(hub.hub, other.person, ['lost']);
    await other.listener.next<StreamPosition>('stream:head', ({ n }) => n === 1);

    expect(heads()).toMatchObject([{ n: 0 }]);
  });

  it('looks at once when Redis is back, however long its next look is away', async () => {
    const { person, stream, listener } = await follower();
    const { live, streams, log, redis } = hub.hub;
    const usual = Reflect.get(hub.gateway.gateway, 'heads') as HeadWatch;
    const seldom = new HeadWatch(live.io, streams, log, redis, 3_600_000);
    usual.stop();
    seldom.start();
    await seldom.look();
    await writeAndDie(hub.hub, person, ['lost while it was away']);

    redis.disconnect(true);
    const head = await listener.next<StreamPosition>('stream:head', ({ stream: of, n }) => of === stream && n === 1);
    seldom.stop();
    usual.start();

    expect(head).toMatchObject({ stream, n: 1 });
  });

  it('ends the epoch of a stream whose head moved back behind what was sent', async () => {
    const { person, stream, listener } = await follower();
    const { epoch } = await hub.hub.streams.head(stream);
    await write(hub.hub, person, ['a', 'b', 'c']);
    await listener.next<Note>('note:written', ({ text }) => text === 'c');

    await hub.sql('DELETE FROM stream_events WHERE stream = ? AND n > 1', [stream]);
    await hub.sql('UPDATE stream_heads SET n = 1 WHERE stream = ?', [stream]);

    const head = await listener.next<StreamPosition>('stream:head', (told) => told.stream === stream && told.n === 1);
    expect(head.epoch).not.toBe(epoch);
  });
});
