import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectPool } from '../../server/platform/db';
import { readConfig } from '../../server/platform/boot';
import type { Engines } from '../../server/platform/engines';
import { prepareDatabase } from '../../server/prepare';
import { randomFrom } from '../../server/seeds/random';
import { ROOT } from '../written';
import { account, type Accounts } from './accounts';
import type { Actor } from './actor';
import type { Cleanup } from './cleanup';
import { type EngineFaults, Timeline } from './faults';
import { Line } from './line';
import { Load } from './load';
import { PlainActor } from './plain-actor';
import { Supervised } from './processes';
import type { SoakOptions } from './options';
import { Progress } from './progress';
import { SdkActor } from './sdk-actor';
import { Truth } from './truth';
import { compare, type Deliveries } from './verdict';
import { seedWorld } from './world';

const MEAN_UP_MS = 15_000;
const MEAN_DOWN_MS = 2_000;
const AT_ONCE = 20;
const MID_JOB_MS = 5_000;

export interface SideResult {
  readonly deliveries: Deliveries;
  readonly accounts: Accounts | null;
  readonly deaths: readonly string[];
  readonly outages: number;
  /** What clients were told that no client should be told. */
  readonly losses: readonly string[];
}

export interface Stage {
  readonly options: SoakOptions;
  readonly engines: Engines;
  readonly faults: EngineFaults;
  readonly logs: string;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** The hub under faults: gateways and workers as processes, SDK and plain clients, and everything that goes wrong. */
export async function soakHub(stage: Stage): Promise<SideResult> {
  const { options, engines, cleanup, signal, say } = stage;
  const env = {
    DATABASE_URL: engines.databaseUrl,
    REDIS_URL: engines.redisUrl,
    LORO_SECRET: 'a secret that only the soaked hub uses',
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    PORT: '0',
    LORO_DEMO: 'off',
  };
  const config = readConfig({ ...env, LOG_LEVEL: 'warn' });
  await prepareDatabase(config, { demo: false, say });
  say(`making ${options.clients} people`);
  const people = await seedWorld(config, options.clients);

  const { gateways, workers } = await launch(stage, env);
  const actors = await openActors(stage, people, gateways);
  const pool = connectPool(engines.databaseUrl, 3);
  cleanup.add(() => pool.end());
  const truth = new Truth(pool);

  const giveUp = new AbortController();
  const load = new Load(actors, randomFrom(options.seed, 'load'), giveUp.signal);
  const timeline = timelineOf(stage, load, truth, gateways, workers);
  const progress = new Progress(say, () =>
    [
      `${load.commander.sent.length} commands`,
      `${actors.reduce((sum, { inbox }) => sum + inbox.total, 0)} deliveries`,
      `${actors.filter(({ line }) => line.isDown).length} lines down`,
      `gateways ${gateways.filter(({ isUp }) => isUp).length}/${gateways.length}`,
      `workers ${workers.filter(({ isUp }) => isUp).length}/${workers.length}`,
      timeline.current,
    ].filter((part) => part !== ''),
  );
  cleanup.add(() => progress.stop());
  cleanup.add(() => giveUp.abort());

  for (const { line } of actors) line.breakNowAndThen();
  await publishing(stage, timeline, (until) => load.run(options.rate, until));
  for (const { line } of actors) line.heal();
  say('publishing has ended, waiting until nothing is missing any more');
  await Promise.race([settle(stage, actors, load, truth, timeline), sleep(options.settleMs, undefined, { signal })]);
  giveUp.abort();
  progress.stop();
  return {
    deliveries: compare(actors, await truth.streams(), timeline),
    accounts: await account(load, truth),
    deaths: [...gateways, ...workers].flatMap(({ deaths }) => deaths),
    outages: actors.reduce((sum, { line }) => sum + line.outages.length, 0),
    losses: actors.flatMap(({ name, inbox }) => inbox.losses.map((loss) => `${name}: ${loss}`)),
  };
}

/** Publishes as long as the timeline runs. */
export async function publishing(
  { options, signal, say }: Stage,
  timeline: Timeline,
  publish: (until: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const published = publish(AbortSignal.any([over.signal, signal]));
  try {
    await timeline.run(options.publishMs, signal, say);
  } finally {
    over.abort();
    await published;
  }
}

async function launch({ options, logs, cleanup }: Stage, env: Record<string, string>) {
  const make = (name: string, file: string) =>
    new Supervised({ name, file: path.join(ROOT, 'dist', file), env, logs, execArgv: [] });
  const gateways = Array.from({ length: options.gateways }, (_, at) => make(`gateway-${at + 1}`, 'server/main.js'));
  const workers = Array.from({ length: options.workers }, (_, at) => make(`worker-${at + 1}`, 'workers/main.js'));
  const all = [...gateways, ...workers];
  cleanup.add(() => Promise.all(all.map((one) => one.stop())));
  await Promise.all(all.map((one) => one.start()));
  return { gateways, workers };
}

async function openActors(
  { options, cleanup, say }: Stage,
  people: Awaited<ReturnType<typeof seedWorld>>,
  gateways: readonly Supervised[],
): Promise<(SdkActor | PlainActor)[]> {
  const targets = () => gateways.flatMap(({ port }) => port ?? []);
  const actors: (SdkActor | PlainActor)[] = [];
  for (const [index, person] of people.entries()) {
    const line = new Line({
      targets,
      random: randomFrom(options.seed, 'line', `${index}`),
      meanUpMs: MEAN_UP_MS,
      meanDownMs: MEAN_DOWN_MS,
    });
    await line.open();
    const name = `client-${index + 1}`;
    actors.push(index % 3 === 2 ? new PlainActor(name, person, line) : new SdkActor(name, person, line));
  }
  cleanup.add(async () => {
    await Promise.all(actors.map((actor) => actor.close()));
    for (const { line } of actors) line.close();
  });
  for (let from = 0; from < actors.length; from += AT_ONCE)
    await Promise.all(actors.slice(from, from + AT_ONCE).map((actor) => actor.open()));
  say(`${actors.length} clients follow ${actors.reduce((sum, { streams }) => sum + streams.length, 0)} streams`);
  return actors;
}

function timelineOf(
  { options, faults, engines, signal, say }: Stage,
  load: Load,
  truth: Truth,
  gateways: readonly Supervised[],
  workers: readonly Supervised[],
): Timeline {
  const random = randomFrom(options.seed, 'faults');
  const victim = random.pick(gateways);
  const worker = random.pick(workers);
  const frozen = random.pick(gateways);
  const midJob = async () => {
    load.askForMuch(8);
    const deadline = Date.now() + MID_JOB_MS;
    let running = 0;
    // With more running than one worker takes at once, each of them has some.
    while (running < Math.min(5, workers.length * 3) && Date.now() < deadline) {
      await sleep(20);
      running = await truth.runningReports();
    }
    say(`  ${worker.name} is killed while ${running} reports are being made`);
    worker.killHard();
    await worker.ready();
  };
  return new Timeline([
    { at: 0.08, what: `${victim.name} is killed`, run: async () => victim.killHard() },
    { at: 0.16, what: 'Redis stands still for 4 s', run: () => faults.freezeEngine('redis', 4_000) },
    { at: 0.26, what: 'a worker is killed in the middle of its jobs', run: midJob },
    { at: 0.34, what: 'Redis is killed and started again', run: () => faults.killEngine('redis', engines) },
    { at: 0.42, what: 'MySQL is killed and started again', run: () => faults.killEngine('mariadb', engines) },
    { at: 0.5, what: 'MySQL stands still for 5 s', run: () => faults.freezeEngine('mariadb', 5_000) },
    { at: 0.6, what: `${frozen.name} stands still for 6 s`, run: () => frozen.freeze(6_000, signal) },
    { at: 0.7, what: 'Redis stands still for 15 s', run: () => faults.freezeEngine('redis', 15_000) },
    {
      at: 0.94,
      what: 'Redis loses all that it holds',
      run: async () => {
        load.askForMuch(4);
        await sleep(150);
        await faults.flushRedis();
      },
    },
  ]);
}

/** Resolves as soon as nothing is missing. */
async function settle(
  { signal }: Stage,
  actors: readonly Actor[],
  load: Load,
  truth: Truth,
  timeline: Timeline,
): Promise<void> {
  await load.finish();
  while (!signal.aborted) {
    await sleep(1_000, undefined, { signal });
    const unfinished = (await truth.runs()).filter(({ status }) => status === 'queued' || status === 'running');
    if (unfinished.length > 0 || (await truth.openJobs()).length > 0 || (await truth.unsentEvents()) > 0) continue;
    const { all } = compare(actors, await truth.streams(), timeline);
    if (all.delivered === all.expected) return;
  }
}
