import { streamsApi } from '@loro/contracts/streams';
import { streamOf, write } from '../../testing/notes';
import { nextOf, readStream, textsIn } from '../../testing/stream-reads';
import { testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();

describe('reading a stream over HTTP', () => {
  it('begins at the start, ends at the end, and goes on where it ended', async () => {
    const person = await hub.person();
    await write(hub.hub, person, ['a', 'b']);

    const first = await readStream(hub, person, streamOf(person), { offset: '-1' });
    await write(hub.hub, person, ['c']);
    const second = await readStream(hub, person, streamOf(person), { offset: nextOf(first) });
    const third = await readStream(hub, person, streamOf(person), { offset: nextOf(second) });

    expect(await textsIn(first)).toEqual(['a', 'b']);
    expect(await textsIn(second)).toEqual(['c']);
    expect(await textsIn(third)).toEqual([]);
    expect(nextOf(third)).toBe(nextOf(second));
    expect([first, second, third].map(({ headers }) => headers.get('stream-up-to-date'))).toEqual([
      'true',
      'true',
      'true',
    ]);
    expect(nextOf(first) < nextOf(second)).toBe(true);
  });

  it('gives the same events, with the same meta, that a socket hears', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);

    await write(hub.hub, person, ['a']);
    await listener.next('note:written');

    const answer = await hub.api(streamsApi, person).read({ stream: streamOf(person) });
    expect(answer).toEqual([['note:written', { text: 'a' }, listener.metas('note:written')[0]]]);
  });

  it('takes the colons of the name encoded as well', async () => {
    const person = await hub.person();
    await write(hub.hub, person, ['a']);

    expect(await textsIn(await readStream(hub, person, encodeURIComponent(streamOf(person))))).toEqual(['a']);
  });

  it('comes in pages of three hundred', async () => {
    const person = await hub.person();
    for (let part = 0; part < 7; part += 1)
      await write(
        hub.hub,
        person,
        Array.from({ length: 100 }, (_, index) => `${part * 100 + index}`),
      );

    const sizes: [number, string | null][] = [];
    for (let offset = '-1', done = false; !done;) {
      const page = await readStream(hub, person, streamOf(person), { offset });
      sizes.push([(await textsIn(page)).length, page.headers.get('stream-up-to-date')]);
      offset = nextOf(page);
      done = page.headers.has('stream-up-to-date');
    }

    expect(sizes).toEqual([
      [300, null],
      [300, null],
      [100, 'true'],
    ]);
  });

  it('starts at the end when asked for now, and takes up where a socket stopped', async () => {
    const person = await hub.person();
    await write(hub.hub, person, ['a', 'b']);
    const { epoch, n } = await hub.hub.streams.head(streamOf(person));

    const now = await readStream(hub, person, streamOf(person), { offset: 'now' });
    const fromSocket = await readStream(hub, person, streamOf(person), { offset: `${epoch}_${n - 1}` });

    expect(await textsIn(now)).toEqual([]);
    expect(now.headers.get('cache-control')).toBe('no-store');
    expect(await textsIn(fromSocket)).toEqual(['b']);
    expect(nextOf(now)).toBe(nextOf(fromSocket));
  });

  it('tells where the stream ends without reading it, and sends nothing twice to who has it already', async () => {
    const person = await hub.person();
    await write(hub.hub, person, ['a']);

    const head = await readStream(hub, person, streamOf(person), {}, { method: 'HEAD' });
    const first = await readStream(hub, person, streamOf(person));
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const again = await readStream(hub, person, streamOf(person), {}, { headers });
    await write(hub.hub, person, ['b']);
    const changed = await readStream(hub, person, streamOf(person), {}, { headers });

    expect([head.status, nextOf(head), await head.text()]).toEqual([200, nextOf(first), '']);
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(await textsIn(changed)).toEqual(['a', 'b']);
  });

  it('refuses an offset that it did not give out, and a live request without one', async () => {
    const person = await hub.person();
    const bad = [
      'x',
      '_1',
      `${'0'.repeat(26)}_`,
      `${'0'.repeat(26)}_1e3`,
      '-2',
      '01J_1',
      `${'0'.repeat(26)}_9999999999999999`,
    ];

    for (const offset of bad) {
      const refused = await readStream(hub, person, streamOf(person), { offset });
      expect([offset, refused.status]).toEqual([offset, 400]);
      expect(await refused.json()).toMatchObject({ code: 'BAD_QUERY', errors: [{ path: 'offset' }] });
    }
    expect((await readStream(hub, person, streamOf(person), { live: 'sse' })).status).toBe(400);
    expect((await readStream(hub, person, streamOf(person), { offset: '-1', live: 'poll' })).status).toBe(400);
  });

  it('says gone, and sends no part, where events are missing', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    await write(hub.hub, person, ['a', 'b', 'c']);
    const { epoch } = await hub.hub.streams.head(stream);
    await hub.sql('DELETE FROM stream_events WHERE stream = ? AND n < 3', [stream]);
    await within(2_000, async () => {
      await hub.hub.redis.del(`${hub.hub.config.REDIS_PREFIX}:log:{${stream}}:${epoch}`);
      expect((await readStream(hub, person, stream, { offset: `${epoch}_0` })).status).toBe(410);
    });

    const [ahead, otherEpoch, live] = await Promise.all([
      readStream(hub, person, stream, { offset: `${epoch}_99` }),
      readStream(hub, person, stream, { offset: `${'0'.repeat(26)}_1` }),
      readStream(hub, person, stream, { offset: `${epoch}_0`, live: 'sse' }),
    ]);
    const start = await readStream(hub, person, stream, { offset: '-1' });

    for (const answer of [ahead, otherEpoch, live]) expect(await answer.json()).toMatchObject({ code: 'OFFSET_GONE' });
    expect(await textsIn(start)).toEqual(['c']);
  });

  it('asks the same permission as a socket', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ role: 'manager', beside: person });
    const stranger = await hub.person({ role: 'owner' });
    await write(hub.hub, person, ['a']);
    const branch = `${person.orgId}:branch:${person.branchId}`;

    const ofStream = await Promise.all([colleague, stranger].map((other) => readStream(hub, other, streamOf(person))));
    const ofBranch = await Promise.all([colleague, stranger].map((other) => readStream(hub, other, branch)));

    expect(ofStream.map(({ status }) => status)).toEqual([404, 404]);
    expect(ofBranch.map(({ status }) => status)).toEqual([200, 404]);
    expect((await readStream(hub, { token: 'none' }, streamOf(person))).status).toBe(401);
  });
});

describe('a stream of newest values', () => {
  it('answers them all, whatever the offset', async () => {
    const manager = await hub.person({ role: 'manager' });
    const fleet = `${manager.orgId}:fleet:${manager.branchId}`;

    const answer = await readStream(hub, manager, fleet, { offset: '-1' });
    const again = await readStream(hub, manager, fleet, { offset: nextOf(answer) });

    expect([answer.status, again.status]).toEqual([200, 200]);
    expect(nextOf(answer)).toMatch(/^latest_\d+$/);
    expect(answer.headers.get('stream-up-to-date')).toBe('true');
  });
});
