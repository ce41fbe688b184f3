import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Finding, findBinary, type UserPlaces } from './binaries';
import { messageOf, systemCode } from './errors';
import { type EngineName, type Log, TITLES } from './recipe';

const run = promisify(execFile);

/** Tried one after the other: older releases know the server only with its version in the name, others only Valkey. */
const PACKAGES: Readonly<Record<EngineName, readonly string[]>> = {
  mariadb: ['mariadb-server-core', 'mariadb-server-core-10.6'],
  redis: ['redis-tools', 'valkey-tools'],
};

/** Upgrading the C library beside a running system breaks every program that is started with it. */
const NEVER_FETCHED = new Set(['libc6', 'libc-bin']);
const COMMAND_TIMEOUT_MS = 5 * 60_000;
const LEFTOVER_AFTER_MS = 60 * 60_000;
const DRAFT = '.part-';

export interface Cache {
  /** The root of all caches of this user. */
  readonly dir: string;
  readonly places: UserPlaces;
}

/** Looks for an engine that was fetched earlier. */
export function findCached(name: EngineName, cache: Cache): Finding {
  return findUnder(folderOf(name, cache), name, cache.places);
}

/** True on a system with Debian's package tools, where `fetchEngines` can work. */
export function canFetch({ path: searchPath }: UserPlaces): boolean {
  const folders = [...searchPath.split(path.delimiter), '/usr/bin'];
  return ['apt-get', 'dpkg-deb'].every((tool) => folders.some((folder) => existsSync(path.join(folder, tool))));
}

/**
 * Fetches engines from the package sources of a Debian or Ubuntu and unpacks them into the cache. Needs no root and installs
 * nothing: apt works on a state folder of its own, checks signatures as usual, and the packages are only unpacked.
 * Throws when the sources cannot be reached or do not have them.
 */
export async function fetchEngines(wanted: readonly EngineName[], cache: Cache, log: Log): Promise<void> {
  const parent = path.dirname(folderOf('redis', cache));
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  dropLeftovers(parent);
  const draft = mkdtempSync(path.join(parent, DRAFT));

  try {
    const startedAt = performance.now();
    const names = wanted.map((name) => TITLES[name]).join(' and ');
    log(
      `looking for ${names} in the package sources of this system; nothing is installed, LORO_ENGINES=off forbids it`,
    );
    const apt = await privateApt(draft, log);
    for (const name of wanted) await fetchEngine(name, { apt, draft, cache, log });
    log('the engines are in place', { ms: Math.round(performance.now() - startedAt) });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

type Apt = (args: readonly string[], cwd?: string) => Promise<string>;

interface Fetching {
  readonly apt: Apt;
  readonly draft: string;
  readonly cache: Cache;
  readonly log: Log;
}

async function fetchEngine(name: EngineName, { apt, draft, cache, log }: Fetching): Promise<void> {
  const packages = await resolvePackages(name, apt);
  const target = folderOf(name, cache);
  log(`fetching ${TITLES[name]} into ${target}: ${packages.join(', ')}`);

  const archives = path.join(draft, `${name}-archives`);
  const root = path.join(draft, name);
  mkdirSync(archives);
  mkdirSync(root);
  await apt(['download', ...packages], archives);

  let bytes = 0;
  for (const archive of readdirSync(archives).map((base) => path.join(archives, base))) {
    bytes += statSync(archive).size;
    await run('dpkg-deb', ['-x', archive, root], { timeout: COMMAND_TIMEOUT_MS });
  }
  for (const unneeded of ['doc', 'man', 'lintian', 'bash-completion']) {
    rmSync(path.join(root, 'usr/share', unneeded), { recursive: true, force: true });
  }

  const { binary, passedOver } = findUnder(root, name, cache.places);
  if (!binary) throw new Error(passedOver.join('; ') || `${packages.join(', ')} hold no ${TITLES[name]}`);
  publish(root, target, () => findCached(name, cache).binary !== undefined);
  log(`fetched ${TITLES[name]} ${binary.version}`, { megabytes: Math.round(bytes / 100_000) / 10 });
}

/** The package and what the system lacks of its dependencies. */
async function resolvePackages(name: EngineName, apt: Apt): Promise<string[]> {
  const failures: string[] = [];
  for (const wanted of PACKAGES[name]) {
    try {
      const plan = await apt(['-s', 'install', '--no-install-recommends', wanted]);
      const lacking = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
      return [...new Set([wanted, ...lacking])].filter((entry) => !NEVER_FETCHED.has(entry));
    } catch (error) {
      failures.push(messageOf(error).trim());
    }
  }
  throw new Error(failures.join('\n'));
}

/** An apt with lists and caches of its own in `draft`, so that it neither needs root nor disturbs the system's. */
async function privateApt(draft: string, log: Log): Promise<Apt> {
  const home = path.join(draft, 'apt');
  for (const folder of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(path.join(home, folder), { recursive: true });
  }
  const config = path.join(home, 'apt.conf');
  writeFileSync(config, aptConfig(home));

  const apt: Apt = async (args, cwd = home) => {
    const options = { cwd, timeout: COMMAND_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await run('apt-get', ['-qq', '-c', config, ...args], options);
    return stdout;
  };
  try {
    await apt(['update']);
  } catch (error) {
    // One broken source among several fails the command, and the packages may well come from the others.
    log(`some package sources did not answer, trying with the others: ${messageOf(error).trim()}`);
  }
  return apt;
}

const aptConfig = (home: string) => `
Dir::State "${home}/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "${home}/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
// Hooks that care for the system's own lists, and indexes that only software centres read.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large;
#clear Acquire::IndexTargets::deb::DEP-11-icons-hidpi;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi;
#clear Acquire::IndexTargets::deb::Contents-deb;
`;

/** A rename is all or nothing, so a reader sees a whole engine or none, however many processes fetch at once. */
function publish(root: string, target: string, isUsable: () => boolean): void {
  try {
    renameSync(root, target);
    return;
  } catch (error) {
    if (!['EEXIST', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error;
  }

  // Another process was faster; or an older one no longer runs, say after a change of the system's libraries.
  if (isUsable()) return;
  renameSync(target, `${root}-replaced`);
  renameSync(root, target);
}

/** Per release and processor: a home folder may be shared by machines, and programs of one release need not run on another. */
function folderOf(name: EngineName, { dir }: Cache): string {
  return path.join(dir, `${systemName()}-${process.arch}`, name);
}

function systemName(): string {
  if (!existsSync('/etc/os-release')) return process.platform;

  const text = readFileSync('/etc/os-release', 'utf8');
  const field = (key: string) => new RegExp(`^${key}="?([\\w.-]+)`, 'm').exec(text)?.[1];
  return [field('ID') ?? process.platform, field('VERSION_ID') ?? field('VERSION_CODENAME')].filter(Boolean).join('-');
}

function findUnder(root: string, name: EngineName, places: UserPlaces): Finding {
  const programs = ['usr/sbin', 'usr/bin', 'usr/libexec'].map((folder) => path.join(root, folder));
  return findBinary(name, programs, places, librariesUnder(root));
}

function librariesUnder(root: string): string[] {
  return ['usr/lib', 'lib'].flatMap((base) => {
    const folder = path.join(root, base);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((entry) => entry.includes('-linux-'))
      .map((entry) => path.join(folder, entry));
  });
}

/** What killed downloads left. Young ones may still be at work. */
function dropLeftovers(parent: string): void {
  for (const entry of readdirSync(parent).filter((name) => name.startsWith(DRAFT))) {
    const folder = path.join(parent, entry);
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > LEFTOVER_AFTER_MS) rmSync(folder, { recursive: true, force: true });
  }
}
