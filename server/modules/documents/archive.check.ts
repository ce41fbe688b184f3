import { type Entry, fromBuffer, open, type ZipFile } from 'yauzl';
import { HubError } from '../../platform';
import type { TypeName } from './file-types.policy';

const MAX_ENTRIES = 2_000;
const MAX_UNPACKED = 200 * 1024 * 1024;
const MAX_RATIO = 100;
/** Small archives of repetitive text pack well and hurt nobody. */
const RATIO_COUNTS_FROM = 10 * 1024 * 1024;
/** An archive in an archive is looked into up to this size; all of them together too. */
const MAX_NESTED = 32 * 1024 * 1024;
const SYMLINK = 0o120_000;
const FILE_TYPE = 0o170_000;

/** What an office document holds, beside what a bare archive may. */
const marks: Partial<Record<TypeName, string>> = { docx: 'word/', xlsx: 'xl/', pptx: 'ppt/' };

/** What was counted of an archive and of those in it. */
interface Seen {
  entries: number;
  unpacked: number;
  nested: number;
  isMarked: boolean;
}

/**
 * Looks at the list of an archive's files and unpacks nothing but archives in it, whose lists are looked at as well.
 * Those hold no further ones.
 * @throws HubError ZIP_BOMB, MACRO_NOT_ALLOWED or TYPE_NOT_ALLOWED
 */
export async function checkArchive(file: string, size: number, type: TypeName): Promise<void> {
  const seen: Seen = { entries: 0, unpacked: 0, nested: 0, isMarked: marks[type] === undefined };
  const zip = await opened((done) => open(file, OPTIONS, done));
  await look(zip, size, { type, seen, depth: 0 });
  if (!seen.isMarked) throw notAllowed(`is no ${type}`);
}

interface Looking {
  readonly type: TypeName;
  readonly seen: Seen;
  readonly depth: number;
}

async function look(zip: ZipFile, size: number, looking: Looking): Promise<void> {
  const { type, seen, depth } = looking;
  try {
    seen.entries += zip.entryCount;
    if (seen.entries > MAX_ENTRIES) throw bomb(`It holds more than ${MAX_ENTRIES} files.`);
    const inner: Entry[] = [];
    for await (const entry of entriesOf(zip)) {
      mustBeHarmless(entry);
      seen.unpacked += entry.uncompressedSize;
      if (seen.unpacked > MAX_UNPACKED) throw bomb('It unpacks to more than 200 MiB.');
      if (seen.unpacked > RATIO_COUNTS_FROM && seen.unpacked / size > MAX_RATIO)
        throw bomb('It unpacks to more than a hundredfold.');
      if (depth === 0) seen.isMarked ||= entry.fileName.startsWith(marks[type] ?? '');
      if (/\.(zip|jar|docx|xlsx|pptx|docm|xlsm|pptm)$/i.test(entry.fileName)) inner.push(entry);
    }
    if (depth > 0 && inner.length > 0) throw bomb('It holds archives in archives in archives.');
    for (const entry of inner) await lookInto(zip, entry, size, looking);
  } finally {
    zip.close();
  }
}

async function lookInto(zip: ZipFile, entry: Entry, size: number, looking: Looking): Promise<void> {
  const { seen, depth } = looking;
  seen.nested += entry.uncompressedSize;
  if (seen.nested > MAX_NESTED) throw bomb('The archives in it are too large to be looked into.');
  const bytes = await unpacked(zip, entry);
  // What only has the name of an archive opens nothing.
  if (bytes.subarray(0, 2).toString('latin1') !== 'PK') return;
  const inner = await opened((done) => fromBuffer(bytes, OPTIONS, done));
  await look(inner, size, { ...looking, depth: depth + 1 });
}

function mustBeHarmless({ fileName, externalFileAttributes }: Entry): void {
  if (((externalFileAttributes >>> 16) & FILE_TYPE) === SYMLINK) throw notAllowed('holds a symbolic link');
  if (/(^|\/)vbaProject\.bin$/i.test(fileName)) throw new HubError('MACRO_NOT_ALLOWED', 'This file holds macros.');
}

const bomb = (why: string): HubError =>
  new HubError('ZIP_BOMB', `This archive is not unpacked by anybody here. ${why}`);
const notAllowed = (what: string): HubError => new HubError('TYPE_NOT_ALLOWED', `This archive ${what}.`);

/** Names that lead out of the archive are refused by the reader itself. */
const OPTIONS = { lazyEntries: true, autoClose: false, strictFileNames: true } as const;

const opened = (begin: (done: (error: Error | null, zip: ZipFile) => void) => void): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    begin((error, zip) => {
      if (error) reject(notAllowed('cannot be read'));
      else resolve(zip);
    });
  });

/** Its bytes; the reader stops where there are more of them than the list says. */
async function unpacked(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opening) => {
      if (error) reject(notAllowed('holds an archive that cannot be read'));
      else resolve(opening);
    });
  });
  const parts: Buffer[] = [];
  try {
    for await (const part of stream) parts.push(Buffer.from(part));
  } catch {
    throw notAllowed('holds an archive that cannot be read');
  }
  return Buffer.concat(parts);
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      const done = () => zip.removeAllListeners();
      zip.once('entry', (next: Entry) => (done(), resolve(next)));
      zip.once('end', () => (done(), resolve(null)));
      zip.once('error', () => (done(), reject(notAllowed('names files outside itself, or is broken'))));
      zip.readEntry();
    });
    if (!entry) return;
    yield entry;
  }
}
