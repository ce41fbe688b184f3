import { type Entry, open, type ZipFile } from 'yauzl';
import { HubError } from '../../platform';
import type { TypeName } from './file-types.policy';

const MAX_ENTRIES = 2_000;
const MAX_UNPACKED = 200 * 1024 * 1024;
const MAX_RATIO = 100;
/** Small archives of repetitive text pack well and hurt nobody. */
const RATIO_COUNTS_FROM = 10 * 1024 * 1024;
const SYMLINK = 0o120_000;
const FILE_TYPE = 0o170_000;

/** What an office document holds, beside what a bare archive may. */
const marks: Partial<Record<TypeName, string>> = { docx: 'word/', xlsx: 'xl/', pptx: 'ppt/' };

/**
 * Looks at the list of an archive's files and unpacks nothing.
 * @throws HubError ZIP_BOMB, MACRO_NOT_ALLOWED or TYPE_NOT_ALLOWED
 */
export async function checkArchive(file: string, size: number, type: TypeName): Promise<void> {
  const zip = await opened(file);
  let unpacked = 0;
  let isMarked = marks[type] === undefined;
  try {
    if (zip.entryCount > MAX_ENTRIES) throw bomb(`It holds more than ${MAX_ENTRIES} files.`);
    for await (const entry of entriesOf(zip)) {
      const { fileName, uncompressedSize, externalFileAttributes } = entry;
      if (((externalFileAttributes >>> 16) & FILE_TYPE) === SYMLINK) throw notAllowed('holds a symbolic link');
      if (/(^|\/)vbaProject\.bin$/i.test(fileName)) throw new HubError('MACRO_NOT_ALLOWED', 'This file holds macros.');
      unpacked += uncompressedSize;
      if (unpacked > MAX_UNPACKED) throw bomb('It unpacks to more than 200 MiB.');
      if (unpacked > RATIO_COUNTS_FROM && unpacked / size > MAX_RATIO)
        throw bomb('It unpacks to more than a hundredfold.');
      isMarked ||= fileName.startsWith(marks[type] ?? '');
    }
  } finally {
    zip.close();
  }
  if (!isMarked) throw notAllowed(`is no ${type}`);
}

const bomb = (why: string): HubError =>
  new HubError('ZIP_BOMB', `This archive is not unpacked by anybody here. ${why}`);
const notAllowed = (what: string): HubError => new HubError('TYPE_NOT_ALLOWED', `This archive ${what}.`);

const opened = (file: string): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    // Names that lead out of the archive are refused by the reader itself.
    open(file, { lazyEntries: true, autoClose: false, strictFileNames: true }, (error, zip) => {
      if (error) reject(notAllowed('cannot be read'));
      else resolve(zip);
    });
  });

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
