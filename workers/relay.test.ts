import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Meta } from '@loro/contracts/kit/live';
import { job } from '@loro/contracts/kit/job';
import { Redis } from 'ioredis';
import { ulid } from 'ulid';
import { z } from 'zod';
import { causedBy, defineModule, handle } from '../server/platform';
import { Hub } from '../server/platform/boot';
import { type Engines, startEngines } from '../server/platform/engines';
import { redisOptions } from '../server/platform/redis';
import { type Note, streamOf, write, writeAndDie } from '../server/testing/notes';
import { type Person, testHub } from '../server/testing/test-hub';
import { within } from '../server/testing/within';
import { hostJobs } from './host';
import { startRelay } from './relay';

// Everything in this Redis is deleted, so it is nobody else's.
const env: Record<string, string> = {};
const dir = mkdtempSync(path.join(tmpdir(), 'loro-relay-'));
let engines: Engines<string | undefined>;

beforeAll(async () => {
  const download = process.env['LORO_ENGINES'] !== 'off';
  engines = await startEngines({ dir, log: () => undefined, only: ['redis'], download });
  env['REDIS_URL'] = engines.redisUrl ?? '';
}, 60_000);
const hub = testHub({ env });

const errand = job('errands.run-errand', {
  payload: z.object({ orgId: z.string(), userId: z.string(), text: z.string() }),
  summary: 'Writes a note, as a test’s work',
});
const ran: string[] = [];
let gate = Promise.resolve();

/** A room of the test's own, whose job writes a note. */
const errands = defineModule({
  name: 'errands',
  contract: { name: 'errands', jobs: [errand] },
  models: [],
  service: () => ({}),
  jobs: (_service, at) => [
    handle(errand, async ({ text, ...person }) => {
      await gate;
      ran.push(text);
      await write(at, person, [text]);
    }),
  ],
});

const workers: Hub[] = [];
async function worker(name: string): Promise<Hub> {
  const { config, log } = hub.hub;
  const made = new Hub({ config: { ...config, NODE_NAME: name }, log, modules: [errands], now: hub.clock.now });
  await made.start();
  workers.push(made);
  return made;
}

const ask = (person: Person, text: string, delayMs = 0) =>
  hub.hub.transact(async (after) =>
    after.enqueue(errand, { orgId: person.orgId, userId: person.userId, text }, { delayMs }),
  );
const open = async () => {
  const [row] = await hub.sql<{ count: number }>(
    "SELECT COUNT(*) AS count FROM outbox_jobs WHERE name = ? AND state = 'open'",
    [errand.name],
  );
  return row?.count;
};

afterAll(async () => {
  for (const each of workers) await each.shutdown.end();
  await engines.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
}, 60_000);

describe('two workers and their relays', () => {
  beforeAll(async () => {
    for (const name of ['worker-a', 'worker-b']) {
      const each = await worker(name);
      hostJobs(each);
      startRelay(each);
    }
  });

  it('lose no job and no event when Redis forgets everything', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    let release = () => {};
    gate = new Promise((resolve) => {
      release = resolve;
    });
    for (let index = 0; index < 12; index += 1) await ask(person, `at once ${index}`);
    for (let index = 0; index < 3; index += 1) await ask(person, `later ${index}`, 2_000);
    await write(hub.hub, person, ['an event']);
    await within(3_000, async () => {
      const [row] = await hub.sql<{ count: number }>(
        'SELECT COUNT(*) AS count FROM outbox_jobs WHERE name = ? AND handed_at IS NULL',
        [errand.name],
      );
      expect(row?.count).toBe(0);
    });

    const redis = new Redis(redisOptions(env['REDIS_URL'] ?? ''));
    await redis.flushall();
    redis.disconnect();
    release();

    await within(20_000, async () => expect(await open()).toBe(0));
    const expected = [
      ...Array.from({ length: 12 }, (_, index) => `at once ${index}`),
      ...Array.from({ length: 3 }, (_, index) => `later ${index}`),
    ];
    expect([...new Set(ran)].toSorted()).toEqual(expected.toSorted());
    const { events } = await listener.subscribe(streamOf(person), {
      epoch: (await hub.hub.streams.head(streamOf(person))).epoch,
      n: 0,
    });
    const texts = new Set(events.map(([, data]) => (data as Note).text));
    expect([...texts].toSorted()).toEqual(['an event', ...expected].toSorted());
  });

  it('do what a process committed and did not live to hand over', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    await writeAndDie(hub.hub, person, ['an event']);
    const { orgId, userId } = person;
    await hub.hub.jobRows.append([
      { id: ulid(), name: errand.name, payload: { orgId, userId, text: 'a job' }, delayMs: 0, attempts: 5 },
    ]);

    hub.clock.advance(4_000);

    await listener.next<Note>('note:written', ({ text }) => text === 'an event');
    await listener.next<Note>('note:written', ({ text }) => text === 'a job');
    await sleep(2_500);
    expect(listener.heard('note:written')).toHaveLength(2);
  });

  it('carry the cause and the trace of the call that asked to what the job says', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    const cause = ulid();

    await causedBy(cause, () => ask(person, 'caused'));

    await listener.next<Note>('note:written', ({ text }) => text === 'caused');
    const [meta] = listener.metas('note:written') as [Meta];
    expect(meta.cause).toBe(cause);
    expect(meta.trace).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-0\d$/);
  });

  it('hand jobs that wait long behind many others over again, each in its turn', async () => {
    const person = await hub.person();
    await ask(person, 'far away', 3_600_000);
    await within(3_000, async () => {
      // Of this file alone: others that share the database may have left some.
      const rows = await hub.sql(
        "SELECT 1 FROM outbox_jobs WHERE handed_at IS NULL AND state = 'open' AND name = 'errands.run-errand'",
      );
      expect(rows).toEqual([]);
    });

    const early = await hub.hub.jobRows.take(hub.clock.now(), 100_000);
    hub.clock.advance(3_590_000);
    const due = await hub.hub.jobRows.take(hub.clock.now(), 100_000);

    const errandsOf = (jobs: typeof due) =>
      jobs.filter(({ name }) => name === 'errands.run-errand').map(({ payload }) => (payload as Note).text);
    expect(errandsOf(early)).toEqual([]);
    expect(errandsOf(due)).toEqual(['far away']);
  });
});
