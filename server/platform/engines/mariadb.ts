import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { type Binary, scriptFiles, shareOf } from './binaries';
import { EnginesError } from './errors';
import type { Log, Recipe } from './recipe';
import { firstAnswer } from './sockets';
import { tailOf, tether } from './tether';

const DATABASE = 'hub';
const PROTOCOL_VERSION = 10;
const CHARSET = 'utf8mb4';
const COLLATION = 'utf8mb4_unicode_ci';
const SQL_MODE = [
  'ONLY_FULL_GROUP_BY',
  'STRICT_TRANS_TABLES',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
];

export interface MariadbTuning {
  /** 1: a commit is on the disk when it is answered. 2: once a second. 0: once a second, and lost with the process. */
  readonly flushLogAtCommit: 0 | 1 | 2;
  readonly maxConnections: number;
}

/** MariaDB with its data in `home` and a unix socket as its only ear; `root` without a password, the 0700 folder is the wall. */
export function mariadb(binary: Binary, home: string, socketPath: string, tuning: MariadbTuning, log: Log): Recipe {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const data = path.join(home, 'data');
  const temporary = path.join(home, 'tmp');
  const files = { env: binary.env, logFile: path.join(home, 'mariadb.log'), pidFile: path.join(home, 'mariadb.pid') };
  const share = shareOf(binary.program);
  if (share === undefined)
    throw new EnginesError('ENGINE_FAILED', `The files that belong to ${binary.program} are missing.`);
  const common = [...commonFlags(share), `--tmpdir=${temporary}`];

  return {
    name: 'mariadb',
    home,
    url: `mysql://root@localhost/${DATABASE}?socketPath=${encodeURIComponent(socketPath)}`,
    prepare: async () => {
      // Of its own: in a shared /tmp two servers that begin at once have met under one name.
      mkdirSync(temporary, { recursive: true, mode: 0o700 });
      if (existsSync(data)) return;

      const startedAt = performance.now();
      await bootstrap(systemTables(share));
      log('a new MariaDB data folder was made', { data, ms: Math.round(performance.now() - startedAt) });
    },
    launch: () => ({
      command: [
        binary.program,
        ...common,
        `--datadir=${data}`,
        `--socket=${socketPath}`,
        '--skip-networking',
        '--skip-log-bin',
        `--max-connections=${tuning.maxConnections}`,
        `--innodb-flush-log-at-trx-commit=${tuning.flushLogAtCommit}`,
        '--innodb-buffer-pool-size=64M',
        '--performance-schema=OFF',
        '--default-time-zone=+00:00',
        `--character-set-server=${CHARSET}`,
        `--collation-server=${COLLATION}`,
        // Newer servers give a column that names only its charset another collation than the database's.
        `--loose-character-set-collations=${CHARSET}=${COLLATION}`,
        `--sql-mode=${SQL_MODE.join(',')}`,
        // On by default from 11.x: it fails transactions that MySQL lets pass.
        '--loose-innodb-snapshot-isolation=OFF',
        // Some builds report usage to their maker unless told otherwise.
        '--loose-feedback=OFF',
      ],
      ...files,
    }),
    isReady: async () => (await firstAnswer(socketPath))?.[4] === PROTOCOL_VERSION,
  };

  /** Under another name until it is whole: an interrupted one leaves no `data`, and the next start begins anew. */
  async function bootstrap(scripts: string): Promise<void> {
    const draft = path.join(home, 'data.part');
    const script = path.join(home, 'bootstrap.sql');
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(script, scripts, { mode: 0o600 });

    const run = await tether({
      command: [
        binary.program,
        ...common,
        `--datadir=${draft}`,
        '--bootstrap',
        '--skip-networking',
        '--log-warnings=0',
        '--enforce-storage-engine=',
        '--max-allowed-packet=8M',
        // The shutdown at its end writes everything out; before that there is nothing to lose.
        '--innodb-flush-log-at-trx-commit=0',
        // Where commits may be lost anyway, the first start need not wait for the disk either.
        ...(tuning.flushLogAtCommit === 1 ? [] : ['--innodb-flush-method=nosync']),
      ],
      ...files,
      inputFile: script,
    });
    const status = await run.exited;
    if (status !== 0) {
      throw new EnginesError(
        'ENGINE_FAILED',
        `MariaDB could not make its data folder (exit status ${status}). The end of ${files.logFile}:\n${tailOf(files.logFile)}`,
      );
    }

    renameSync(draft, data);
    rmSync(script, { force: true });
  }
}

function commonFlags(share: string): string[] {
  return [
    '--no-defaults',
    // It refuses to run as root unless told so by name; for anyone else this changes nothing.
    `--user=${userInfo().username}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${path.join(share, 'charsets')}`,
    '--innodb-log-file-size=16M',
  ];
}

/** The scripts of `mariadb-install-db` in its order, without the sample data. The server reads one statement a line. */
function systemTables(share: string): string {
  return [
    'create database if not exists mysql;',
    'use mysql;',
    // Unset, it would tie root to the system's user of that name.
    'set @auth_root_socket=NULL;',
    ...['system_tables', 'performance_tables', 'system_tables_data'].map((name) => readScript(share, name)),
    "delete from mysql.global_priv where user = '' or host <> 'localhost';",
    `create database if not exists ${DATABASE} character set ${CHARSET} collate ${COLLATION};`,
    '',
  ].join('\n');
}

function readScript(share: string, name: string): string {
  const file = scriptFiles(share, name).find((candidate) => existsSync(candidate));
  if (file === undefined) throw new EnginesError('ENGINE_FAILED', `${share} has no script for the ${name}.`);
  return readFileSync(file, 'utf8');
}
