import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { EngineName } from './recipe';

/** A program that was found and has shown that it runs. */
export interface Binary {
  readonly program: string;
  readonly version: string;
  /** The whole environment it is to be started with. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a search saw: the program, if any, and why others were passed over. */
export interface Finding {
  readonly binary?: Binary;
  readonly passedOver: readonly string[];
}

interface Engine {
  /** In the order of preference. */
  readonly programs: readonly string[];
  readonly version: RegExp;
  readonly atLeast: readonly [major: number, minor: number];
}

const ENGINES: Readonly<Record<EngineName, Engine>> = {
  mariadb: { programs: ['mariadbd', 'mysqld'], version: /Ver (\d+)\.(\d+)[\d.]*-MariaDB/i, atLeast: [10, 6] },
  redis: {
    programs: ['redis-server', 'valkey-server', 'redis-check-rdb', 'valkey-check-rdb'],
    version: /(?:redis|valkey) server v=(\d+)\.(\d+)/i,
    atLeast: [6, 0],
  },
};

const SYSTEM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
const BREW_PREFIXES = ['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'];

/** What belongs to the user rather than to the hub's configuration. */
export interface UserPlaces {
  readonly path: string;
  readonly cacheDir: string;
}

/** Asked of a shell: in this process only `platform/config` reads the environment. */
export function userPlaces(): UserPlaces {
  const answer = execFileSync('/bin/sh', ['-c', 'printf "%s\\n%s" "$PATH" "$XDG_CACHE_HOME"'], { encoding: 'utf8' });
  const [searchPath = '', cacheHome = ''] = answer.split('\n');
  // The XDG rules say that a relative one is to be ignored.
  const caches = path.isAbsolute(cacheHome) ? cacheHome : path.join(homedir(), '.cache');
  return { path: searchPath, cacheDir: path.join(caches, 'loro-hub', 'engines') };
}

/** PATH first, then where packages put servers that PATH often leaves out. */
export function systemFolders({ path: searchPath }: UserPlaces): readonly string[] {
  const onPath = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const brewed = BREW_PREFIXES.flatMap((prefix) => [path.join(prefix, 'bin'), ...kegsIn(path.join(prefix, 'opt'))]);
  return [...new Set([...onPath, ...SYSTEM_FOLDERS, ...brewed])];
}

/** Homebrew links a formula with a version in its name (`mariadb@11.8`) nowhere but here. */
function kegsIn(opt: string): string[] {
  if (!existsSync(opt)) return [];
  return readdirSync(opt)
    .filter((formula) => /^(mariadb|redis|valkey)(@|$)/.test(formula))
    .map((formula) => path.join(opt, formula, 'bin'));
}

/** The first program of an engine in `folders` that runs and is new enough. `libraries` are looked in before the system's. */
export function findBinary(
  name: EngineName,
  folders: readonly string[],
  places: UserPlaces,
  libraries: readonly string[] = [],
): Finding {
  const env = environmentFor(places, libraries);
  const passedOver: string[] = [];

  for (const program of ENGINES[name].programs.flatMap((base) => folders.map((folder) => path.join(folder, base)))) {
    if (!isExecutable(program)) continue;

    const verdict = examine(name, program, env);
    if ('binary' in verdict) return { ...verdict, passedOver };
    passedOver.push(`${program} ${verdict.flaw}`);
  }
  return { passedOver };
}

function examine(name: EngineName, program: string, env: Binary['env']): { binary: Binary } | { flaw: string } {
  const { version, atLeast } = ENGINES[name];
  // The checker of Redis is the server under another name, and its version tells whether that holds here.
  const argv0 = path.basename(program).replace('-check-rdb', '-server');
  const { stdout, stderr, error } = spawnSync(program, versionArguments(name), {
    argv0,
    env,
    encoding: 'utf8',
    timeout: 10_000,
  });
  const said = error ? error.message : `${stdout}${stderr}`.trim();
  const [match, major, minor] = version.exec(said) ?? [];
  if (match === undefined) return { flaw: `is not what is needed (${said.split('\n')[0]?.slice(0, 160) ?? ''})` };

  const isOld = Number(major) < atLeast[0] || (Number(major) === atLeast[0] && Number(minor) < atLeast[1]);
  if (isOld) return { flaw: `is ${major}.${minor}, and ${atLeast.join('.')} is the least` };
  if (name === 'mariadb' && shareOf(program) === undefined) return { flaw: 'lacks the SQL files of its system tables' };

  return { binary: { program, version: `${major}.${minor}`, env } };
}

/** A broken system-wide my.cnf would speak up even before the version. */
const versionArguments = (name: EngineName) => (name === 'mariadb' ? ['--no-defaults', '--version'] : ['--version']);

/** The folder with the SQL scripts, messages and charsets that were packaged with a `mariadbd`. */
export function shareOf(program: string): string | undefined {
  // Homebrew, Nix and others link into a PATH folder from a package of its own; its share lies beside the real one.
  const prefixes = [realpathSync(program), program].map((file) => path.dirname(path.dirname(file)));
  return prefixes
    .flatMap((prefix) => [path.join(prefix, 'share', 'mariadb'), path.join(prefix, 'share', 'mysql')])
    .find((share) => scriptFiles(share, 'system_tables').some((file) => existsSync(file)));
}

/** Where a script of MariaDB may lie; 11.x renamed them from `mysql_` to `mariadb_`. */
export const scriptFiles = (share: string, name: string): readonly string[] => [
  path.join(share, `mariadb_${name}.sql`),
  path.join(share, `mysql_${name}.sql`),
];

function environmentFor(places: UserPlaces, libraries: readonly string[]): Binary['env'] {
  return {
    PATH: places.path === '' ? '/usr/bin:/bin' : places.path,
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(libraries.length > 0 && { LD_LIBRARY_PATH: libraries.join(':') }),
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
