import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { attachEngines, type EngineCrash, type Engines, type EnginesOptions, startEngines } from './index';
import { isAlive } from './processes';
import { within } from '../../testing/within';

/** Beyond what any system hands out. */
const DEAD_PID = 2 ** 30;

let home = '';
const said: string[] = [];
const toStop: Engines<string | undefined>[] = [];
const toKill: ChildProcess[] = [];

beforeAll(async () => {
  // The first run on a machine without engines fetches them; that time belongs to no test.
  const dir = mkdtempSync(path.join(tmpdir(), 'engines-first-'));
  await (await startEngines({ dir, log: () => undefined })).stop();
  rmSync(dir, { recursive: true, force: true });
}, 180_000);

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'engines-test-'));
  said.length = 0;
});

afterEach(async () => {
  for (const child of toKill.splice(0)) await killHard(child);
  await Promise.all(toStop.splice(0).map((engines) => engines.stop()));
  // An engine that is still ending may write while its folder goes.
  await within(10_000, () => rmSync(home, { recursive: true, force: true }));
});

describe('start', () => {
  it('gives a database and a store that speak as production does', async () => {
    const dir = path.join(home, 'data');

    const engines = await start({ dir });

    const [settings] = await ask(
      engines,
      `select @@sql_mode mode, @@collation_server served, @@collation_database made, @@time_zone zone, @@max_connections connections,
              @@innodb_flush_log_at_trx_commit flush, @@skip_networking alone, current_user() me`,
    );
    expect(settings).toMatchObject({
      mode: expect.stringMatching(/ONLY_FULL_GROUP_BY.*STRICT_TRANS_TABLES|STRICT_TRANS_TABLES.*ONLY_FULL_GROUP_BY/),
      served: 'utf8mb4_unicode_ci',
      made: 'utf8mb4_unicode_ci',
      zone: '+00:00',
      connections: 300,
      flush: 1,
      alone: 1,
      me: 'root@localhost',
    });
    const policy = await inRedis(engines, (redis) => redis.config('GET', 'maxmemory-policy'));
    expect(policy).toEqual(['maxmemory-policy', 'noeviction']);
    expect(engines.state).toBe('up');
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('keeps the data, and the addresses, over a second start', async () => {
    const first = await start();
    await ask(first, `create table notes as select 'kept, ünd whole' as word`);
    await inRedis(first, (redis) => redis.set('word', 'kept'));
    await Promise.all([first.stop(), first.stop()]);

    const second = await start();

    expect(first.state).toBe('stopped');
    expect(second.databaseUrl).toBe(first.databaseUrl);
    expect(await ask(second, 'select word from notes')).toEqual([{ word: 'kept, ünd whole' }]);
    expect(await inRedis(second, (redis) => redis.get('word'))).toBe('kept');
  });

  it('starts only what is asked for', async () => {
    const { databaseUrl, redisUrl = '' } = await startRedis();

    expect(await inRedis({ redisUrl }, (redis) => redis.ping())).toBe('PONG');
    expect(databaseUrl).toBeUndefined();
    expect(existsSync(path.join(home, 'mariadb'))).toBe(false);
  });

  it('moves the sockets to a short folder when the data folder has a long name', async () => {
    const dir = path.join(home, 'a rather long name '.repeat(6).trim());

    const first = await start({ dir });
    const socket = socketOf(first);
    await first.stop();
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(100);
    expect(existsSync(path.dirname(socket))).toBe(false);

    const hub = await startElsewhere(dir);
    const { databaseUrl } = attachEngines(dir);
    await killHard(hub);
    const next = await start({ dir });
    expect(next.databaseUrl).toBe(databaseUrl);
    expect(await ask(next, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('makes the data folder anew when the first time was cut short', async () => {
    const data = path.join(home, 'mariadb', 'data');
    const hub = startProcess(home);
    await until(() => existsSync(path.join(`${data}.part`, 'mysql')));
    await killHard(hub);
    expect(existsSync(data)).toBe(false);

    const engines = await start();

    expect(said).toContain('a new MariaDB data folder was made');
    expect(await ask(engines, 'select count(*) > 0 as is_whole from mysql.global_priv')).toEqual([{ is_whole: 1 }]);
  });

  it('tells the three ways when there are no programs, and leaves no lock', async () => {
    const attempt = start({ searchIn: [], cacheDir: path.join(home, 'cache'), download: false });

    await expect(attempt).rejects.toMatchObject({ code: 'ENGINES_MISSING' });
    await expect(attempt).rejects.toThrow(
      /MariaDB and Redis[^]*apt install[^]*dnf install[^]*brew install[^]*docker compose up[^]*DATABASE_URL=[^]*REDIS_URL=/,
    );
    expect(readdirSync(home)).toEqual([]);
  });

  it('passes over a program of that name that is another one, and says so', async () => {
    writeFileSync(path.join(home, 'mysqld'), '#!/bin/sh\necho "mysqld  Ver 8.0.40 for Linux on x86_64"\n', {
      mode: 0o755,
    });

    const attempt = start({ searchIn: [home], cacheDir: path.join(home, 'cache'), download: false });

    await expect(attempt).rejects.toThrow(/mysqld is not what is needed \(.*8\.0\.40/);
  });

  it('shows the end of the log when an engine does not come up, and ends the other one', async () => {
    mkdirSync(path.join(home, 'mariadb', 'data'), { recursive: true });

    const attempt = start();

    await expect(attempt).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    await expect(attempt).rejects.toThrow(/MariaDB ended instead of coming up[^]*mariadb\.log:\n[^]*ERROR/);
    expect(isAlive(pidOf('redis'))).toBe(false);
  });
});

describe('share a data folder', () => {
  it('refuses a second hub and names the first, but lets other processes attach', async () => {
    const hub = await startElsewhere(home);

    const attempt = start();

    await expect(attempt).rejects.toMatchObject({ code: 'ENGINES_LOCKED' });
    await expect(attempt).rejects.toThrow(`pid ${hub.pid}`);
    const attached = attachEngines(home);
    expect(attached.ownerPid).toBe(hub.pid);
    expect(await ask({ databaseUrl: attached.databaseUrl ?? '' }, 'select 1 as one')).toEqual([{ one: 1 }]);

    await killHard(hub);
    expect(() => attachEngines(home)).toThrow(`the last one, pid ${hub.pid}, has ended`);
    expect(() => attachEngines(path.join(home, 'nowhere'))).toThrow(/^No hub .* "npm start"/);
  });

  it.each([
    ['a process that has ended', { pid: DEAD_PID, born: null }],
    ['one whose number belongs to another process by now', { pid: process.ppid, born: 'earlier' }],
    ['no one that can be understood', 'half a lin'],
  ])('takes over the lock of %s, and gives it to one hub only', async (_whose, holder) => {
    writeFileSync(path.join(home, 'hub.lock'), JSON.stringify(holder));

    const attempts = await Promise.allSettled([1, 2, 3].map(() => startRedis()));

    expect(attempts.map((attempt) => attempt.status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(readdirSync(home).filter((name) => name.startsWith('hub.lock'))).toEqual(['hub.lock']);
  });
});

describe('live through a crash', () => {
  it('starts killed engines again with all that was committed', async () => {
    const engines = await start();
    const crashes: EngineCrash[] = [];
    engines.onCrash((crash) => crashes.push(crash));
    await ask(engines, 'create table numbers as select 7 as n');
    const killed = [pidOf('mariadb'), pidOf('redis')];

    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await until(() => engines.state === 'restarting' && crashes.length === 2);
    await until(() => engines.state === 'up');

    expect(crashes.map(({ engine, exitStatus }) => `${engine} ${exitStatus}`).toSorted()).toEqual([
      'mariadb 137',
      'redis 137',
    ]);
    expect(await ask(engines, 'select n from numbers')).toEqual([{ n: 7 }]);
    expect(await inRedis(engines, (redis) => redis.ping())).toBe('PONG');
    expect(killed).not.toContain(pidOf('mariadb'));
  });

  it('stops while an engine is on its way back, and does not bring it up afterwards', async () => {
    const engines = await startRedis();
    process.kill(pidOf('redis'), 'SIGKILL');
    await until(() => engines.state === 'restarting');
    const pid = pidOf('redis');

    await engines.stop();
    await sleep(300);

    expect(engines.state).toBe('stopped');
    expect(pidOf('redis')).toBe(pid);
  });

  it('ends both engines when the hub is killed; the next one waits for a slow one', async () => {
    const hub = await startElsewhere(home);
    const pids = [pidOf('mariadb'), pidOf('redis')];
    process.kill(pidOf('mariadb'), 'SIGSTOP');
    await killHard(hub);
    setTimeout(() => process.kill(pids[0] ?? 0, 'SIGCONT'), 300);

    const engines = await start();

    expect(said).toContain('MariaDB of an earlier hub is still ending, waiting for it');
    expect(pids.filter((pid) => isAlive(pid))).toEqual([]);
    expect(await ask(engines, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

async function start(options: Partial<EnginesOptions> = {}): Promise<Engines> {
  const engines = await startEngines({ dir: home, log: (message) => said.push(message), ...options });
  toStop.push(engines);
  return engines;
}

async function startRedis(): Promise<Engines<string | undefined>> {
  const engines = await startEngines({ dir: home, log: (message) => said.push(message), only: ['redis'] });
  toStop.push(engines);
  return engines;
}

function startProcess(dir: string): ChildProcess {
  const script = `
    const { startEngines } = require(${JSON.stringify(path.join(__dirname, 'index.ts'))});
    startEngines({ dir: ${JSON.stringify(dir)}, log: () => undefined }).then(() => console.log('up'));`;
  const child = spawn(process.execPath, ['-r', 'esbuild-register', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  toKill.push(child);
  return child;
}

async function startElsewhere(dir: string): Promise<ChildProcess> {
  const child = startProcess(dir);
  if (child.stdout) await once(child.stdout, 'data');
  return child;
}

async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const pidOf = (engine: string) => Number(readFileSync(path.join(home, engine, `${engine}.pid`), 'utf8'));
const socketOf = ({ databaseUrl }: Pick<Engines, 'databaseUrl'>) =>
  new URL(databaseUrl).searchParams.get('socketPath') ?? '';

async function ask(engines: Pick<Engines, 'databaseUrl'>, sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection({ user: 'root', database: 'hub', socketPath: socketOf(engines) });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}

async function inRedis<T>(engines: Pick<Engines, 'redisUrl'>, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(decodeURIComponent(new URL(engines.redisUrl).pathname));
  return use(redis).finally(() => redis.disconnect());
}

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !isSo(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`It did not come true. The hub said:\n${said.join('\n')}`);
  }
}
