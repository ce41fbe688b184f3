import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Engines, startEngines } from '../server/platform/engines';
import { readRecord } from '../server/platform/engines/record';
import type { Options } from './options';
import type { Pinning } from './pinning';
import { profiled } from './profile';
import type { Progress } from './progress';
import { type Folders, Remote } from './remote';
import { interleave, type Runs } from './rounds';
import { kinds, Side, type SideName } from './sides';
import type { OrganisationPlan, Person } from './sides/people';

const ROOT = path.resolve(__dirname, '..');
const START_MS = 120_000;

interface Setting {
  readonly options: Options;
  readonly pinning: Pinning;
  readonly progress: Progress;
}

/** Everything around the figures: engines, people, processes. Each group of figures has servers of its own. */
export class Stage {
  private readonly started: Remote[] = [];
  private worker: Remote | null = null;
  readonly profiles: string[] = [];

  private constructor(
    private readonly setting: Setting,
    private readonly dir: string,
    private readonly folders: Folders,
    private readonly engines: Engines,
    readonly backstage: Remote,
    private readonly env: Record<'DATABASE_URL' | 'REDIS_URL' | 'LORO_SECRET' | 'BENCH_SECRET', string>,
  ) {}

  static async open(setting: Setting): Promise<Stage> {
    const dir = mkdtempSync(path.join(tmpdir(), 'loro-bench-'));
    const folders = { dist: path.join(ROOT, 'dist'), logs: path.join(dir, 'logs') };
    mkdirSync(folders.logs);
    setting.progress.say('starting MariaDB and Redis');
    const engines = await startEngines({
      dir: path.join(dir, 'engines'),
      log: (message) => setting.progress.say(message),
      download: process.env['LORO_ENGINES'] !== 'off',
    });
    const env = {
      DATABASE_URL: engines.databaseUrl,
      REDIS_URL: engines.redisUrl,
      // The hub runs as in production, which refuses secrets that everybody knows.
      LORO_SECRET: randomBytes(32).toString('hex'),
      BENCH_SECRET: 'a secret that is only used by the anchors',
    };
    setting.progress.say('preparing the database');
    const program = { name: 'backstage', file: 'bench/sides/backstage.js', env, place: setting.pinning.rest };
    const backstage = await Remote.start(program, folders).catch(async (error: unknown) => {
      await engines.stop();
      throw error;
    });
    return new Stage(setting, dir, folders, engines, backstage, env);
  }

  get isQuick(): boolean {
    return this.setting.options.isQuick;
  }

  /** Rounds that any run can have, warm-up included. */
  get mostRounds(): number {
    return Math.max(this.setting.options.rounds, 3) + 1;
  }

  /** Logs of every process; kept when something fails. */
  get logs(): string {
    return this.folders.logs;
  }

  say(text: string): void {
    this.setting.progress.say(text);
  }

  organisation(plan: OrganisationPlan): Promise<Person[]> {
    return this.backstage.call<Person[]>('organisation', plan, START_MS);
  }

  /** Starts these servers, each with a load of its own; under `--profile` the hub alone. */
  async sides(names: readonly SideName[], options: { inspect?: boolean } = {}): Promise<Side[]> {
    const isProfile = this.setting.options.profile !== null;
    const wanted = isProfile ? names.filter((name) => name === 'hub') : names;
    const sides: Side[] = [];
    for (const name of wanted) sides.push(await this.side(name, options.inspect === true || isProfile));
    return sides;
  }

  /** A worker, niced: it catches up in its own time, and takes as little as it can from the load. */
  async startWorker(): Promise<void> {
    this.worker = await Remote.start(
      {
        name: 'worker',
        file: 'workers/main.js',
        env: this.hubEnv('worker'),
        place: [...this.setting.pinning.rest, 'nice', '-n', '10'],
      },
      this.folders,
    );
    this.started.push(this.worker);
  }

  /** Interleaved rounds of all runs; under `--profile` of the hub's, with the profiler on it. */
  async measure<T>(title: string, sides: readonly Side[], runs: Runs<T>): Promise<Map<string, T[]>> {
    const { options, progress } = this.setting;
    const hub = sides.find(({ isHub }) => isHub);
    if (options.profile === null || !hub) return interleave(runs, { rounds: options.rounds, title, progress });
    await interleave(runs, { rounds: 1, title: `${title}, warm-up`, progress });
    const file = path.join(tmpdir(), `loro-bench-${options.profile}.cpuprofile`);
    let values = new Map<string, T[]>();
    this.profiles.push(
      ...(await profiled(hub.server.inspector, file, ROOT, async () => {
        values = await interleave(runs, { rounds: 2, warmUp: false, title: `${title}, profiled`, progress });
      })),
    );
    return values;
  }

  /** Ends the servers and loads of a group. */
  async clear(): Promise<void> {
    await Promise.all(this.started.splice(0).map((remote) => remote.stop()));
    this.worker = null;
  }

  async close({ keepLogs }: { keepLogs: boolean }): Promise<void> {
    await this.clear();
    await this.backstage.stop();
    await this.engines.stop();
    rmSync(keepLogs ? path.join(this.dir, 'engines') : this.dir, { recursive: true, force: true });
  }

  private async side(name: SideName, inspect: boolean): Promise<Side> {
    this.say(`starting ${name}`);
    const { file, engines } = kinds[name];
    const own = Object.fromEntries(
      (['DATABASE_URL', 'REDIS_URL'] as const).map((key) => [
        key,
        engines.some((given) => given === key) ? this.env[key] : '',
      ]),
    );
    const slug = name.replaceAll(/\W+/g, '-').toLowerCase();
    const server = await Remote.start(
      {
        name: slug,
        file,
        env: name === 'hub' ? this.hubEnv('hub') : { ...own, BENCH_SECRET: this.env.BENCH_SECRET },
        place: this.setting.pinning.server,
        nodeArgs: inspect ? ['--inspect=127.0.0.1:0'] : [],
      },
      this.folders,
    );
    this.started.push(server);
    const load = await Remote.start(
      { name: `load-${slug}`, file: 'bench/load/main.js', place: this.setting.pinning.rest },
      this.folders,
    );
    this.started.push(load);
    return new Side(name, server, load, name === 'hub' ? this.besidesHub() : new Map());
  }

  private besidesHub(): Map<string, number> {
    const { pids = {} } = readRecord(path.join(this.dir, 'engines')) ?? {};
    return new Map(
      [
        ['MariaDB', pids.mariadb] as const,
        ['Redis', pids.redis] as const,
        ['worker', this.worker?.pid] as const,
      ].flatMap(([name, pid]): [string, number][] => (pid === undefined ? [] : [[name, pid]])),
    );
  }

  private hubEnv(name: string): Record<string, string> {
    return {
      DATABASE_URL: this.env.DATABASE_URL,
      REDIS_URL: this.env.REDIS_URL,
      LORO_SECRET: this.env.LORO_SECRET,
      // What is measured is a call, not the limit of calls.
      API_RATE_PER_USER: '1000000',
      API_RATE_PER_ORGANISATION: '1000000',
      LOG_LEVEL: 'warn',
      LORO_DEMO: 'off',
      HOST: '127.0.0.1',
      PORT: '0',
      NODE_NAME: name,
    };
  }
}
