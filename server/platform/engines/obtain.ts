import { type Binary, findBinary, systemFolders, userPlaces } from './binaries';
import { canFetch, fetchEngines, findCached } from './download';
import { EnginesError, messageOf } from './errors';
import { type EngineName, type Log, TITLES } from './recipe';

export interface ObtainOptions {
  readonly wanted: readonly EngineName[];
  readonly log: Log;
  readonly download: boolean;
  readonly cacheDir: string | undefined;
  readonly searchIn: readonly string[] | undefined;
}

/** The programs to run: the system's, else those fetched earlier, else fetched now. Throws `ENGINES_MISSING`. */
export async function obtainBinaries(options: ObtainOptions): Promise<Map<EngineName, Binary>> {
  const places = userPlaces();
  const cache = { dir: options.cacheDir ?? places.cacheDir, places };
  const folders = options.searchIn ?? systemFolders(places);
  const found = new Map<EngineName, Binary>();
  const remarks: string[] = [];
  const isFound = (name: EngineName, look: () => ReturnType<typeof findBinary>) => {
    const { binary, passedOver } = look();
    if (binary) found.set(name, binary);
    remarks.push(...passedOver);
    return binary !== undefined;
  };

  const missing = options.wanted.filter(
    (name) => !isFound(name, () => findBinary(name, folders, places)) && !isFound(name, () => findCached(name, cache)),
  );
  if (missing.length === 0) return found;
  if (!options.download) throw missingEngines(missing, ['Fetching them is switched off.', ...remarks]);
  if (!canFetch(places)) throw missingEngines(missing, remarks);

  try {
    await fetchEngines(missing, cache, options.log);
  } catch (error) {
    throw missingEngines(missing, [`Fetching them failed: ${messageOf(error)}`, ...remarks], error);
  }
  const lost = missing.filter((name) => !isFound(name, () => findCached(name, cache)));
  if (lost.length > 0) throw missingEngines(lost, remarks);
  return found;
}

const INSTALL: Readonly<Record<string, Readonly<Record<EngineName, string>>>> = {
  'Debian, Ubuntu  sudo apt install': { mariadb: 'mariadb-server-core', redis: 'redis-tools' },
  'Fedora          sudo dnf install': { mariadb: 'mariadb-server', redis: 'valkey' },
  'macOS           brew install': { mariadb: 'mariadb', redis: 'redis' },
};

const VARIABLES: Readonly<Record<EngineName, string>> = {
  mariadb: 'DATABASE_URL=mysql://user:password@host:3306/hub',
  redis: 'REDIS_URL=redis://host:6379',
};

function missingEngines(missing: readonly EngineName[], remarks: readonly string[], cause?: unknown): EnginesError {
  const names = missing.map((name) => TITLES[name]).join(' and ');
  const lines = [
    `The hub needs ${names}, and this machine has none that it can start.`,
    ...remarks,
    '',
    'Any one of these three will do:',
    '1. Install the programs; the hub runs them by itself, as private processes:',
    ...Object.entries(INSTALL).map(
      ([command, packages]) => `     ${command} ${missing.map((name) => packages[name]).join(' ')}`,
    ),
    '2. Run everything in containers:',
    '     docker compose up',
    '3. Name servers that run elsewhere:',
    ...missing.map((name) => `     ${VARIABLES[name]}`),
  ];
  return new EnginesError('ENGINES_MISSING', lines.join('\n'), { cause });
}
