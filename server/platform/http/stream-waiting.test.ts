import { setTimeout as sleep } from 'node:timers/promises';
import { authApi } from '@loro/contracts/auth';
import { access } from '../../modules/access';
import { type Note, streamOf, write } from '../../testing/notes';
import { nextOf, readStream, serverSent, textsIn } from '../../testing/stream-reads';
import { testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();
const notesIn = (event: { data: unknown } | undefined) =>
  ((event?.data ?? []) as [string, Note][]).map(([, { text }]) => text);
const offsetIn = (event: { data: unknown } | undefined) =>
  (event?.data as { streamNextOffset: string } | undefined)?.streamNextOffset ?? '';

describe('waiting for events over HTTP', () => {
  it('answers as soon as one comes, from this node or another', async () => {
    const person = await hub.person();
    const other = await hub.secondNode('streams-b');
    const offset = nextOf(await readStream(hub, person, streamOf(person)));

    // They wait for twenty seconds; whoever is not woken before is given up here.
    const patience = { signal: AbortSignal.timeout(8_000) };
    const waiting = [
      readStream(hub, person, streamOf(person), { offset, live: 'long-poll' }, patience),
      readStream(other, person, streamOf(person), { offset: 'now', live: 'long-poll' }, patience),
    ];
    await sleep(300);
    await write(hub.hub, person, ['at last']);

    for (const answer of await Promise.all(waiting)) {
      expect(await textsIn(answer)).toEqual(['at last']);
      expect(answer.headers.get('stream-cursor')).toMatch(/^\d+$/);
    }
  });

  it('answers 204 when nothing comes, and its cursor always moves', async () => {
    const person = await hub.person();
    const offset = nextOf(await readStream(hub, person, streamOf(person)));

    const first = await readStream(hub, person, streamOf(person), { offset, live: 'long-poll', timeout: 1 });
    const cursor = first.headers.get('stream-cursor') ?? '';
    const second = await readStream(hub, person, streamOf(person), { offset, live: 'long-poll', timeout: 1, cursor });

    expect([first.status, nextOf(first), first.headers.get('stream-up-to-date')]).toEqual([204, offset, 'true']);
    expect(Number(second.headers.get('stream-cursor'))).toBeGreaterThan(Number(cursor));
  });

  it('streams what is there and what comes, each part with its offset', async () => {
    const person = await hub.person();
    await write(hub.hub, person, ['a', 'b']);
    const response = await readStream(hub, person, streamOf(person), { offset: '-1', live: 'sse' });
    const heard = serverSent(response);
    const next = async () => (await heard.next()).value;

    const [past, control] = [await next(), await next()];
    await write(hub.hub, person, ['c']);
    const [present, after] = [await next(), await next()];
    const offset = offsetIn(after);
    await heard.return(undefined);

    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(notesIn(past)).toEqual(['a', 'b']);
    expect(control).toMatchObject({ event: 'control', data: { upToDate: true, streamCursor: expect.any(String) } });
    expect(notesIn(present)).toEqual(['c']);
    expect(await textsIn(await readStream(hub, person, streamOf(person), { offset }))).toEqual([]);
  });

  it('ends with the session', async () => {
    const person = await hub.person();
    const polled = readStream(hub, person, streamOf(person), { offset: 'now', live: 'long-poll' });
    const streamed = await readStream(hub, person, streamOf(person), { offset: 'now', live: 'sse' });
    await sleep(300);

    await hub.api(authApi, person).signOut();

    const refused = await polled;
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, 'SESSION_REVOKED']);
    const events = [];
    for await (const { event } of serverSent(streamed)) events.push(event);
    expect(events).toEqual(['control']);
  });

  it('ends with the right to hear the stream', async () => {
    const owner = await hub.person({ role: 'owner' });
    const manager = await hub.person({ role: 'manager', beside: owner });
    const branch = `${owner.orgId}:branch:${owner.branchId}`;
    const polled = readStream(hub, manager, branch, { offset: 'now', live: 'long-poll' });
    await sleep(300);

    await hub.hub.use(access).revoke(manager.orgId, manager.userId, 'manager');

    expect((await polled).status).toBe(404);
  });

  it('is not for more requests of one person than anybody needs', async () => {
    const person = await hub.person();
    const stop = new AbortController();
    const { signal } = stop;
    const waiting = Array.from({ length: 20 }, () =>
      readStream(hub, person, streamOf(person), { offset: 'now', live: 'sse' }, { signal }),
    );
    await Promise.all(waiting);

    const refused = await readStream(hub, person, streamOf(person), { offset: 'now', live: 'sse' });
    stop.abort();

    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'TOO_MANY_READERS']);
    await within(2_000, async () => {
      const answer = await readStream(hub, person, streamOf(person), { offset: 'now', live: 'long-poll', timeout: 1 });
      expect(answer.status).toBe(204);
    });
  });

  it('ends with the token', async () => {
    const person = await hub.person();
    const { token } = await hub.hub.authenticator.authenticate(person.token);
    hub.clock.advance(token.expiresAt.getTime() - hub.clock.now().getTime() - 1_000);

    const refused = await readStream(hub, person, streamOf(person), { offset: 'now', live: 'long-poll' });

    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, 'TOKEN_EXPIRED']);
  });
});
