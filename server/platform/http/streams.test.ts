import { setTimeout as sleep } from 'node:timers/promises';
import { authApi } from '@loro/contracts/auth';
import { streamsApi } from '@loro/contracts/streams';
import { access } from '../../modules/access';
import { type Note, streamOf, write } from '../../testing/notes';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();

interface Given {
  readonly offset?: string;
  readonly live?: string;
  readonly cursor?: string;
  readonly timeout?: number;
}

function ask(
  person: Pick<Person, 'token'>,
  stream: string,
  given: Given = {},
  init: RequestInit = {},
  at: TestNode = hub,
) {
  const url = new URL(`${at.gateway.url}/api/v1/streams/${stream}`);
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, String(value));
  const headers = { authorization: `Bearer ${person.token}`, ...(init.headers as Record<string, string>) };
  return fetch(url, { ...init, headers });
}

const texts = async (response: Response) =>
  ((await response.json()) as [string, Note, unknown][]).map(([, { text }]) => text);
const nextOf = (response: Response) => response.headers.get('stream-next-offset') ?? '';

/** Reads server-sent events as they come. */
async function* sse(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = field('event');
      if (event !== undefined) yield { event, data: JSON.parse(field('data') ?? 'null') };
    }
  }
}

describe('reading a stream over HTTP', () => {
  it('begins at the start, ends at the end, and goes on where it ended', async () => {
    const person = await hub.person();
    await write(hub.hub, person, ['a', 'b']);

    const first = await ask(person, streamOf(person), { offset: '-1' });
    await write(hub.hub, person, ['c']);
    const second = await ask(person, streamOf(person), { offset: nextOf(first) });
    const third = await ask(person, streamOf(person), { offset: nextOf(second) });

    expect(await texts(first)).toEqual(['a', 'b']);
    expect(await texts(second)).toEqual(['c']);
    expect(await texts(third)).toEqual([]);
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

    expect(await texts(await ask(person, encodeURIComponent(streamOf(person))))).toEqual(['a']);
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
      const page = await ask(person, streamOf(person), { offset });
      sizes.push([(await texts(page)).length, page.headers.get('stream-up-to-date')]);
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

    const now = await ask(person, streamOf(person), { offset: 'now' });
    const fromSocket = await ask(person, streamOf(person), { offset: `${epoch}_${n - 1}` });

    expect(await texts(now)).toEqual([]);
    expect(now.headers.get('cache-control')).toBe('no-store');
    expect(await texts(fromSocket)).toEqual(['b']);
    expect(nextOf(now)).toBe(nextOf(fromSocket));
  });

  it('tells where the stream ends without reading it, and sends nothing twice to who has it already', async () => {
    const person = await hub.person();
    await write(hub.hub, person, ['a']);

    const head = await ask(person, streamOf(person), {}, { method: 'HEAD' });
    const first = await ask(person, streamOf(person));
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const again = await ask(person, streamOf(person), {}, { headers });
    await write(hub.hub, person, ['b']);
    const changed = await ask(person, streamOf(person), {}, { headers });

    expect([head.status, nextOf(head), await head.text()]).toEqual([200, nextOf(first), '']);
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(await texts(changed)).toEqual(['a', 'b']);
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
      const refused = await ask(person, streamOf(person), { offset });
      expect([offset, refused.status]).toEqual([offset, 400]);
      expect(await refused.json()).toMatchObject({ code: 'BAD_QUERY', errors: [{ path: 'offset' }] });
    }
    expect((await ask(person, streamOf(person), { live: 'sse' })).status).toBe(400);
    expect((await ask(person, streamOf(person), { offset: '-1', live: 'poll' })).status).toBe(400);
  });

  it('says gone, and sends no part, where events are missing', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    await write(hub.hub, person, ['a', 'b', 'c']);
    const { epoch } = await hub.hub.streams.head(stream);
    await hub.sql('DELETE FROM stream_events WHERE stream = ? AND n < 3', [stream]);
    await within(2_000, async () => {
      await hub.hub.redis.del(`${hub.hub.config.REDIS_PREFIX}:log:{${stream}}:${epoch}`);
      expect((await ask(person, stream, { offset: `${epoch}_0` })).status).toBe(410);
    });

    const [ahead, otherEpoch, live] = await Promise.all([
      ask(person, stream, { offset: `${epoch}_99` }),
      ask(person, stream, { offset: `${'0'.repeat(26)}_1` }),
      ask(person, stream, { offset: `${epoch}_0`, live: 'sse' }),
    ]);
    const start = await ask(person, stream, { offset: '-1' });

    for (const answer of [ahead, otherEpoch, live]) expect(await answer.json()).toMatchObject({ code: 'OFFSET_GONE' });
    expect(await texts(start)).toEqual(['c']);
  });

  it('asks the same permission as a socket', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ role: 'manager', beside: person });
    const stranger = await hub.person({ role: 'owner' });
    await write(hub.hub, person, ['a']);
    const branch = `${person.orgId}:branch:${person.branchId}`;

    const ofStream = await Promise.all([colleague, stranger].map((other) => ask(other, streamOf(person))));
    const ofBranch = await Promise.all([colleague, stranger].map((other) => ask(other, branch)));

    expect(ofStream.map(({ status }) => status)).toEqual([404, 404]);
    expect(ofBranch.map(({ status }) => status)).toEqual([200, 404]);
    expect((await ask({ token: 'none' }, streamOf(person))).status).toBe(401);
  });
});

describe('waiting for events over HTTP', () => {
  it('answers as soon as one comes, from this node or another', async () => {
    const person = await hub.person();
    const other = await hub.secondNode('streams-b');
    const offset = nextOf(await ask(person, streamOf(person)));

    const waiting = [
      ask(person, streamOf(person), { offset, live: 'long-poll' }),
      ask(person, streamOf(person), { offset: 'now', live: 'long-poll' }, {}, other),
    ];
    await sleep(300);
    await write(hub.hub, person, ['at last']);

    for (const answer of await Promise.all(waiting)) {
      expect(await texts(answer)).toEqual(['at last']);
      expect(answer.headers.get('stream-cursor')).toMatch(/^\d+$/);
    }
  });

  it('answers 204 when nothing comes, and its cursor always moves', async () => {
    const person = await hub.person();
    const offset = nextOf(await ask(person, streamOf(person)));

    const first = await ask(person, streamOf(person), { offset, live: 'long-poll', timeout: 1 });
    const cursor = first.headers.get('stream-cursor') ?? '';
    const second = await ask(person, streamOf(person), { offset, live: 'long-poll', timeout: 1, cursor });

    expect([first.status, nextOf(first), first.headers.get('stream-up-to-date')]).toEqual([204, offset, 'true']);
    expect(Number(second.headers.get('stream-cursor'))).toBeGreaterThan(Number(cursor));
  });

  it('streams what is there and what comes, each part with its offset', async () => {
    const person = await hub.person();
    await write(hub.hub, person, ['a', 'b']);
    const response = await ask(person, streamOf(person), { offset: '-1', live: 'sse' });
    const heard = sse(response);
    const next = async () => (await heard.next()).value;

    const [past, control] = [await next(), await next()];
    await write(hub.hub, person, ['c']);
    const [present, after] = [await next(), await next()];
    const { streamNextOffset: offset } = after?.data as { streamNextOffset: string };
    await heard.return(undefined);

    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect((past?.data as [string, Note][]).map(([, { text }]) => text)).toEqual(['a', 'b']);
    expect(control).toMatchObject({ event: 'control', data: { upToDate: true, streamCursor: expect.any(String) } });
    expect((present?.data as [string, Note][]).map(([, { text }]) => text)).toEqual(['c']);
    expect(await texts(await ask(person, streamOf(person), { offset }))).toEqual([]);
  });

  it('ends with the session', async () => {
    const person = await hub.person();
    const polled = ask(person, streamOf(person), { offset: 'now', live: 'long-poll' });
    const streamed = await ask(person, streamOf(person), { offset: 'now', live: 'sse' });
    await sleep(300);

    await hub.api(authApi, person).signOut();

    const refused = await polled;
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, 'SESSION_REVOKED']);
    const events = [];
    for await (const { event } of sse(streamed)) events.push(event);
    expect(events).toEqual(['control']);
  });

  it('ends with the right to hear the stream', async () => {
    const owner = await hub.person({ role: 'owner' });
    const manager = await hub.person({ role: 'manager', beside: owner });
    const branch = `${owner.orgId}:branch:${owner.branchId}`;
    const polled = ask(manager, branch, { offset: 'now', live: 'long-poll' });
    await sleep(300);

    await hub.hub.use(access).revoke(manager.orgId, manager.userId, 'manager');

    expect((await polled).status).toBe(404);
  });

  it('is not for more requests of one person than anybody needs', async () => {
    const person = await hub.person();
    const stop = new AbortController();
    const { signal } = stop;
    const waiting = Array.from({ length: 20 }, () =>
      ask(person, streamOf(person), { offset: 'now', live: 'sse' }, { signal }),
    );
    await Promise.all(waiting);

    const refused = await ask(person, streamOf(person), { offset: 'now', live: 'sse' });
    stop.abort();

    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'TOO_MANY_READERS']);
    await within(2_000, async () => {
      const answer = await ask(person, streamOf(person), { offset: 'now', live: 'long-poll', timeout: 1 });
      expect(answer.status).toBe(204);
    });
  });
});

describe('a stream of newest values', () => {
  it('answers them all, whatever the offset', async () => {
    const manager = await hub.person({ role: 'manager' });
    const fleet = `${manager.orgId}:fleet:${manager.branchId}`;

    const answer = await ask(manager, fleet, { offset: '-1' });
    const again = await ask(manager, fleet, { offset: nextOf(answer) });

    expect([answer.status, again.status]).toEqual([200, 200]);
    expect(nextOf(answer)).toMatch(/^latest_\d+$/);
    expect(answer.headers.get('stream-up-to-date')).toBe('true');
  });
});
