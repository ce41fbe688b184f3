import { checkInsApi } from '@loro/contracts/check-ins';
import type { Subscribed } from '@loro/contracts/kit/session';
import { ulid } from 'ulid';
import { type Note, streamOf, write } from '../../testing/notes';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const position = { lat: 1, lng: 2 };

describe('subscribing', () => {
  it('finds no stream of another organisation, whatever its kind and however it is named', async () => {
    const stranger = await hub.person({ role: 'owner' });
    const person = await hub.person({ role: 'owner' });
    const listener = await hub.listen('/check-ins', stranger);
    const wanted = [
      `${person.orgId}:branch:${person.branchId}`,
      `${stranger.orgId}:branch:${person.branchId}`,
      `${person.orgId}:branch:${stranger.branchId}`,
    ];

    const reply = await listener.call<Subscribed>('stream:subscribe', {
      streams: wanted.map((stream) => ({ stream })),
    });
    await hub.api(checkInsApi, person).start({ position });
    await hub.api(checkInsApi, stranger).start({ position });
    await listener.subscribe(`${stranger.orgId}:branch:${stranger.branchId}`);

    expect(reply).toMatchObject({ ok: true, data: { streams: wanted.map(() => ({ error: { code: 'NOT_FOUND' } })) } });
    expect(listener.heard('check-in:started')).toEqual([]);
  });

  it('takes no room from a client’s word: neither a socket’s own, nor one that is spelled cleverly', async () => {
    const [victim, person] = [await hub.person(), await hub.person()];
    const theirs = await hub.listen('/notifications', victim);
    const listener = await hub.listen('/notifications', person);
    const own = streamOf(person);
    const wanted = [
      theirs.socket.id ?? '',
      `${own}:`,
      `${own}:x`,
      `:${own}`,
      `${person.orgId}:user:`,
      `${person.orgId}:__proto__:${person.userId}`,
      `${person.orgId}:constructor:${person.userId}`,
      `${person.orgId}:user:${victim.userId}`,
      `${person.orgId}:user:*`,
      `${own}\u0000`,
      own.toLowerCase(),
      `/notifications#${own}`,
    ];

    const reply = await listener.call<Subscribed>('stream:subscribe', {
      streams: wanted.map((stream) => ({ stream })),
    });
    await write(hub.hub, victim, ['for the victim alone']);
    await theirs.next('note:written');

    const answers = reply.ok ? reply.data.streams : [];
    expect(answers.map((answer) => ('error' in answer ? answer.error.code : answer.stream))).toEqual(
      wanted.map(() => 'NOT_FOUND'),
    );
    expect(listener.heard('note:written')).toEqual([]);
  });

  it('hears of a stream only in its namespace', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/check-ins', person);

    await expect(listener.subscribe(streamOf(person))).rejects.toThrow('NOT_FOUND');
  });

  it('hears each event once and in order, though it subscribes while they are written', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const { epoch } = await hub.hub.streams.head(stream);
    const texts = Array.from({ length: 60 }, (_, index) => String(index + 1));

    const writing = (async () => {
      for (const text of texts) await write(hub.hub, person, [text]);
    })();
    const listener = await hub.listen('/notifications', person);
    const answer = await listener.subscribe(stream, { epoch, n: 0 });
    await writing;
    await listener.next<Note>('note:written', ({ text }) => text === '60');

    const before = answer.events.map(([, data]) => (data as Note).text);
    const live = listener.heard('note:written').flatMap((data, index) => {
      const n = listener.metas('note:written')[index]?.n ?? 0;
      return n > (answer.n ?? 0) ? [(data as Note).text] : [];
    });
    expect([...before, ...live]).toEqual(texts);
  });
});

describe('one command, two nodes', () => {
  it('happens once when both get it at the same time, and both answer the same', async () => {
    const person = await hub.person();
    const other = await hub.secondNode('streams-b');
    const key = { headers: { 'idempotency-key': ulid() } };
    const send = async (at = hub as Parameters<typeof hub.api>[2]): Promise<string> => {
      for (;;) {
        try {
          const { id } = await hub.api(checkInsApi, person, at).start({ position }, key);
          return id;
        } catch (error) {
          // The twin is still running: a client waits and asks again.
          if (!(error instanceof Error) || !error.message.includes('IDEMPOTENCY_IN_PROGRESS')) throw error;
        }
      }
    };

    const ids = await Promise.all([send(hub), send(other), send(hub), send(other)]);

    expect(new Set(ids).size).toBe(1);
    const { data } = await hub.api(checkInsApi, person).list({});
    expect(data).toHaveLength(1);
  });

  it('is not the command of somebody else who happens to use the same key', async () => {
    const [one, two] = [await hub.person(), await hub.person()];
    const other = await hub.secondNode('streams-c');
    const key = { headers: { 'idempotency-key': ulid() } };

    const first = await hub.api(checkInsApi, one).start({ position }, key);
    const second = await hub.api(checkInsApi, two, other).start({ position }, key);

    expect([first.userId, second.userId]).toEqual([one.userId, two.userId]);
    expect(second.id).not.toBe(first.id);
  });
});
