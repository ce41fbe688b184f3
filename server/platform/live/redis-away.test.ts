import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkInsApi } from '@loro/contracts/check-ins';
import type { StreamPosition } from '@loro/contracts/kit/api';
import { type Note, streamOf, write } from '../../testing/notes';
import { testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { type Engines, startEngines } from '../engines';

// A Redis that others use must not be stopped.
const env: Record<string, string> = {};
const dir = mkdtempSync(path.join(tmpdir(), 'loro-away-'));
let engines: Engines<string | undefined>;
let redisPid = 0;

beforeAll(async () => {
  const log = (_message: string, fields?: Record<string, unknown>) => {
    if (typeof fields?.['pid'] === 'number') redisPid = fields['pid'];
  };
  engines = await startEngines({ dir, log, only: ['redis'], download: process.env['LORO_ENGINES'] !== 'off' });
  env['REDIS_URL'] = engines.redisUrl ?? '';
}, 60_000);
const hub = testHub({ env });
afterAll(async () => {
  await engines.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
}, 60_000);

describe('a Redis that does not answer for eleven seconds', () => {
  it('ends no process, holds up no answer, and loses no event', async () => {
    const person = await hub.person();
    const stream = streamOf(person);
    const node = await hub.secondNode('away-b');
    const [here, there] = [
      await hub.listen('/notifications', person),
      await hub.listen('/notifications', person, node),
    ];
    const { epoch } = await hub.hub.streams.head(stream);
    const escaped: unknown[] = [];
    const note = (error: unknown) => void escaped.push(error);
    process.on('unhandledRejection', note);
    await write(hub.hub, person, ['before']);
    await there.next('note:written');

    process.kill(redisPid, 'SIGSTOP');
    try {
      await write(hub.hub, person, ['meanwhile 1', 'meanwhile 2']);
      await here.next<Note>('note:written', ({ text }) => text === 'meanwhile 2');
      const resumed = await there.subscribe(stream, { epoch, n: 1 });
      expect(resumed.events.map(([, data]) => (data as Note).text)).toEqual(['meanwhile 1', 'meanwhile 2']);
      await hub.api(checkInsApi, person).start({ position: { lat: 1, lng: 2 } });
      // The other node’s members learn that they miss something although nothing reaches their node.
      await there.next<StreamPosition>('stream:head', (head) => head.stream === stream && head.n === 3);
      await sleep(11_000);
    } finally {
      process.kill(redisPid, 'SIGCONT');
    }
    await write(hub.hub, person, ['after']);

    await there.next<Note>('note:written', ({ text }) => text === 'after');
    await within(5_000, async () =>
      expect(await hub.hub.streams.resume(stream, { epoch, n: 0 })).toMatchObject({
        recovered: true,
        events: [{}, {}, {}, {}],
      }),
    );
    process.off('unhandledRejection', note);
    expect(escaped).toEqual([]);
  });
});
