import { checkInsApi } from '@loro/contracts/check-ins';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Note, streamOf, write } from '../../testing/notes';
import { testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { dayNumber } from '../db/partitions';
import { tendDayPartitions } from '../db';

const hub = testHub();
const textsOf = (events: readonly (readonly [string, unknown, unknown])[]) =>
  events.map(([, data]) => (data as Note).text);
const resumes = async (outcome: string) => {
  const { values } = await hub.hub.metrics.resumes.get();
  return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
};

describe('numbering events', () => {
  it('skips nothing when who began first commits last', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    const { streams } = await listener.ready;
    const start = streams.find(({ stream }) => stream === streamOf(person));
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });

    const slow = write(hub.hub, person, ['began first'], () => held);
    await write(hub.hub, person, ['began second']);
    const seen = await listener.subscribe(streamOf(person), { epoch: start?.epoch ?? '', n: start?.n ?? 0 });
    release();
    await slow;
    const rest = await listener.subscribe(streamOf(person), { epoch: seen.epoch ?? '', n: seen.n ?? 0 });

    expect(textsOf(seen.events)).toEqual(['began second']);
    expect(textsOf(rest.events)).toEqual(['began first']);
  });

  it('never leaves a gap or repeats a number, however many write at once', async () => {
    const person = await hub.person();

    await Promise.all(Array.from({ length: 40 }, (_, index) => write(hub.hub, person, [`${index} a`, `${index} b`])));

    const rows = await hub.sql<{ n: number }>('SELECT n FROM stream_events WHERE stream = ? ORDER BY n', [
      streamOf(person),
    ]);
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  });

  it('lets two who write the same two streams in opposite order both through at the first try', async () => {
    const [one, other] = [await hub.person(), await hub.person()];
    let tries = 0;
    const count = async () => {
      tries += 1;
      await sleep(Math.random() * 5);
    };

    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        write(hub.hub, index % 2 === 0 ? [one, other] : [other, one], [`${index}`], count),
      ),
    );

    expect(tries).toBe(30);
    expect((await hub.hub.streams.heads([streamOf(one), streamOf(other)])).map(({ n }) => n)).toEqual([30, 30]);
  });
});

describe('resuming', () => {
  it('starts at an epoch even where nothing was ever said', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const first = await (await hub.listen('/notifications', person)).subscribe(stream);
    const position = { epoch: first.epoch ?? '', n: first.n ?? -1 };

    await write(hub.hub, person, ['the first']);
    const later = await (await hub.listen('/notifications', person)).subscribe(stream, position);

    expect(position).toEqual({ epoch: expect.stringMatching(/^\w{26}$/), n: 0 });
    expect(later).toMatchObject({ recovered: true, epoch: first.epoch, n: 1 });
    expect(textsOf(later.events)).toEqual(['the first']);
  });

  it('misses and repeats nothing between a list and its stream, while everybody checks in', async () => {
    const manager = await hub.person({ role: 'manager' });
    const people = await Promise.all(Array.from({ length: 16 }, () => hub.person({ beside: manager })));
    const position = { lat: 1, lng: 2 };
    const listener = await hub.listen('/check-ins', manager);

    const busy = Promise.all(people.map((person) => hub.api(checkInsApi, person).start({ position })));
    const { data, streams = [] } = await hub.api(checkInsApi, manager).list({ limit: 200 });
    const answer = await listener.subscribe(streams[0]?.stream ?? '', streams[0]);
    const all = await busy;

    const ids = () => [
      ...data.map(({ id }) => id),
      ...answer.events.map(([, checkIn]) => (checkIn as { id: string }).id),
      ...listener.heard('check-in:started').flatMap((checkIn, index) => {
        const n = listener.metas('check-in:started')[index]?.n ?? 0;
        return n > (answer.n ?? 0) ? [(checkIn as { id: string }).id] : [];
      }),
    ];
    await within(5_000, () => expect(ids().toSorted()).toEqual(all.map(({ id }) => id).toSorted()));
  });

  it('reads the newest events from Redis, and from MySQL where Redis holds a hole or nothing', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const { epoch } = await hub.hub.streams.head(stream);
    await write(hub.hub, person, ['a', 'b', 'c']);
    const key = `${hub.hub.config.REDIS_PREFIX}:log:{${stream}}:${epoch}`;
    await within(2_000, async () => expect(await hub.hub.redis.zcard(key)).toBe(3));
    const answers: string[][] = [];
    const counts = [await resumes('hot'), await resumes('mysql')];
    const read = async () => answers.push(textsOf((await hub.hub.streams.resume(stream, { epoch, n: 0 })).events));

    await read();
    await hub.hub.redis.zremrangebyscore(key, 2, 2);
    await read();
    await hub.hub.redis.del(key);
    await read();

    expect(answers).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect([await resumes('hot'), await resumes('mysql')]).toEqual([(counts[0] ?? 0) + 1, (counts[1] ?? 0) + 2]);
  });

  it('keeps in Redis only the newest five hundred events of a stream', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const { epoch } = await hub.hub.streams.head(stream);

    for (let part = 0; part < 6; part += 1)
      await write(
        hub.hub,
        person,
        Array.from({ length: 100 }, (_, index) => `${part * 100 + index + 1}`),
      );

    const key = `${hub.hub.config.REDIS_PREFIX}:log:{${stream}}:${epoch}`;
    await within(2_000, async () => {
      expect(await hub.hub.redis.zrange(key, 0, 0, 'WITHSCORES')).toEqual([expect.anything(), '101']);
      expect(await hub.hub.redis.zcard(key)).toBe(500);
    });
    expect(await hub.hub.redis.ttl(key)).toBeGreaterThan(3_000);
  });

  it('comes in parts where much was missed, each going on where the one before ended', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const { epoch } = await hub.hub.streams.head(stream);
    for (let part = 0; part < 7; part += 1)
      await write(
        hub.hub,
        person,
        Array.from({ length: 100 }, (_, index) => `${part * 100 + index + 1}`),
      );
    const listener = await hub.listen('/notifications', person);

    const texts: string[] = [];
    for (let n = 0, more = true; more;) {
      const answer = await listener.subscribe(stream, { epoch, n });
      texts.push(...textsOf(answer.events));
      n = texts.length;
      more = answer.more ?? false;
    }

    expect(texts).toEqual(Array.from({ length: 700 }, (_, index) => String(index + 1)));
  });

  it('says that it cannot, and sends no part, after too long an absence', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const { epoch } = await hub.hub.streams.head(stream);
    await write(hub.hub, person, ['a', 'b']);
    await hub.sql('DELETE FROM stream_events WHERE stream = ? AND n = 1', [stream]);
    await within(2_000, async () => {
      await hub.hub.redis.del(`${hub.hub.config.REDIS_PREFIX}:log:{${stream}}:${epoch}`);
      const late = await hub.hub.streams.resume(stream, { epoch, n: 0 });
      expect(late).toMatchObject({ recovered: false, reason: 'trimmed', events: [] });
    });
  });
});

describe('a head that moved back', () => {
  it('begins a new epoch when its numbers are taken already, and everybody is told to reload', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const listener = await hub.listen('/notifications', person);
    const { epoch } = await hub.hub.streams.head(stream);
    await write(hub.hub, person, ['1', '2', '3']);
    await listener.next<Note>('note:written', ({ text }) => text === '3');

    await hub.sql('UPDATE stream_heads SET n = 1 WHERE stream = ?', [stream]);
    await write(hub.hub, person, ['4', '5']);
    await listener.next<Note>('note:written', ({ text }) => text === '5');
    const answer = await listener.subscribe(stream, { epoch, n: 3 });

    const after = listener.metas('note:written').slice(3);
    expect(after.map((meta) => meta?.n)).toEqual([4, 5]);
    expect(after.map((meta) => meta?.epoch)).not.toContain(epoch);
    expect(answer).toMatchObject({ recovered: false, reason: 'epoch', n: 5, events: [] });
  });

  it('begins a new epoch when a replica took over that lacks the last events', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const listener = await hub.listen('/notifications', person);
    const { epoch } = await hub.hub.streams.head(stream);
    await write(hub.hub, person, ['1', '2', '3']);
    await listener.next<Note>('note:written', ({ text }) => text === '3');
    const key = `${hub.hub.config.REDIS_PREFIX}:log:{${stream}}:${epoch}`;
    await within(2_000, async () => expect(await hub.hub.redis.zcard(key)).toBe(3));

    await hub.sql('DELETE FROM stream_events WHERE stream = ? AND n > 1', [stream]);
    await hub.sql('UPDATE stream_heads SET n = 1 WHERE stream = ?', [stream]);
    await write(hub.hub, person, ['another 2']);

    await within(2_000, async () => expect((await hub.hub.streams.head(stream)).epoch).not.toBe(epoch));
    expect(await listener.subscribe(stream, { epoch, n: 3 })).toMatchObject({ recovered: false, events: [] });
  });

  it('tells who comes from the future to reload, and believes the hub’s own memory only', async () => {
    const [liar, person] = [await hub.person(), await hub.person()];
    const [lied, lost] = [streamOf(liar), streamOf(person)];
    const before = { lied: await hub.hub.streams.head(lied), lost: await hub.hub.streams.head(lost) };
    await write(hub.hub, person, ['1', '2']);
    const key = `${hub.hub.config.REDIS_PREFIX}:log:{${lost}}:${before.lost.epoch}`;
    await within(2_000, async () => expect(await hub.hub.redis.zcard(key)).toBe(2));
    await hub.sql('UPDATE stream_heads SET n = 1 WHERE stream = ?', [lost]);

    const answers = {
      lied: await (await hub.listen('/notifications', liar)).subscribe(lied, { epoch: before.lied.epoch, n: 999 }),
      lost: await (await hub.listen('/notifications', person)).subscribe(lost, { epoch: before.lost.epoch, n: 2 }),
    };

    expect(answers.lied).toMatchObject({ recovered: false, reason: 'ahead', epoch: before.lied.epoch, n: 0 });
    expect(answers.lost).toMatchObject({ recovered: false, reason: 'ahead', n: 1 });
    expect(answers.lost.epoch).not.toBe(before.lost.epoch);
  });
});

describe('keeping the log small', () => {
  it('drops whole days, never rows one by one, and those who come back later reload', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const now = hub.hub.now();
    const partitions = async () =>
      (
        await hub.sql<{ name: string }>(
          `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
           WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'stream_events'`,
        )
      ).map(({ name }) => name);
    await tendDayPartitions(hub.hub.sequelize, 'stream_events', now, 7);
    const { epoch } = await hub.hub.streams.head(stream);
    await write(hub.hub, person, ['of today']);
    await within(2_000, () => hub.hub.redis.del(`${hub.hub.config.REDIS_PREFIX}:log:{${stream}}:${epoch}`));

    const later = new Date(now.getTime() + 8 * 86_400_000);
    const kept = await tendDayPartitions(hub.hub.sequelize, 'stream_events', later, 8);
    const stillThere = await hub.hub.streams.resume(stream, { epoch, n: 0 });
    const { dropped } = await tendDayPartitions(hub.hub.sequelize, 'stream_events', later, 7);
    const gone = await hub.hub.streams.resume(stream, { epoch, n: 0 });

    expect(kept).toMatchObject({ dropped: [] });
    expect(stillThere).toMatchObject({ recovered: true, events: [expect.anything()] });
    expect(dropped).toEqual([`d${dayNumber(now)}`]);
    expect(await partitions()).not.toContain(`d${dayNumber(now)}`);
    expect(gone).toMatchObject({ recovered: false, reason: 'trimmed' });
  });
});
