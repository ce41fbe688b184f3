import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Document, Purpose } from '@loro/contracts/documents';
import { digest, HubError, type ReceivedFile } from '../../platform';
import { checkArchive } from './archive.check';
import { limitsOf, safeName } from './documents.policy';
import { claimedType, disagreement, fileTypes, type TypeName } from './file-types.policy';
import type { Bytes } from './blobs.store';
import { redraw } from './image.check';

const HEAD_BYTES = 65_536;
const PDF_MARKS = [
  ['/JavaScript', 'javascript'],
  ['/Launch', 'launch'],
  ['/EmbeddedFile', 'embedded-file'],
  ['/Encrypt', 'encrypted'],
] as const;
/** The harmless text that every scanner must find, in two halves so that none finds it here. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

/** A file that may be kept. */
export interface Accepted extends Bytes {
  readonly filename: string;
  readonly meta: Document['meta'];
  /** Found without any scanner. */
  readonly isInfected: boolean;
}

/**
 * Looks at a file before it is kept: its name, its bytes and what is in it must agree, and images are drawn anew.
 * @throws HubError 413, 415 or 422, saying what was found
 */
export async function accept(file: ReceivedFile, purpose: Purpose, expected?: string): Promise<Accepted> {
  const { maxBytes, types } = limitsOf[purpose];
  const filename = safeName(file.name);
  if (file.size === 0) throw new HubError('EMPTY_FILE', 'This file is empty.');
  if (file.size > maxBytes)
    throw new HubError('FILE_TOO_LARGE', `A file for “${purpose}” may have ${maxBytes / 1_048_576} MiB.`);
  if (expected !== undefined && expected !== file.sha256)
    throw new HubError('CHECKSUM_MISMATCH', 'The bytes that arrived are not the ones that were announced.');

  const head = await headOf(file.path);
  const isWhole = file.size <= HEAD_BYTES;
  const type = mustBeTaken(filename, purpose);
  const other = disagreement(type, head, isWhole);
  if (other !== null) throw notAllowed(`A “${type}” whose bytes are ${other}`, types);

  const { mime, by } = fileTypes[type];
  const known = { filename, mime, isInfected: head.includes(EICAR) };
  if (by === 'zip') await checkArchive(file.path, file.size, type);
  if (by === 'image') {
    const to = `${file.path}.drawn`;
    const meta = await redraw(file.path, to, type);
    return { ...known, meta, path: to, ...(await digest(createReadStream(to))) };
  }
  const { path, size, sha256 } = file;
  const flags = type === 'pdf' ? await pdfFlags(path) : [];
  return { ...known, meta: flags.length > 0 ? { flags } : {}, path, size, sha256 };
}

/** The type that a name claims, where its purpose takes it. @throws HubError TYPE_NOT_ALLOWED */
export function mustBeTaken(name: string, purpose: Purpose): TypeName {
  const { types } = limitsOf[purpose];
  const filename = safeName(name);
  const type = claimedType(filename);
  if (!type || !types.includes(type)) throw notAllowed(`A name like “${filename}”`, types);
  return type;
}

const notAllowed = (what: string, types: readonly string[]): HubError =>
  new HubError('TYPE_NOT_ALLOWED', `${what} is not taken here; these are: ${types.join(', ')}.`);

async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Marks of what a PDF can do beside being read, in the order of the list. */
async function pdfFlags(path: string): Promise<string[]> {
  const found = new Set<string>();
  let tail = '';
  for await (const chunk of createReadStream(path, { encoding: 'latin1' })) {
    const text = tail + String(chunk);
    for (const [mark, flag] of PDF_MARKS) if (text.includes(mark)) found.add(flag);
    tail = text.slice(-20);
  }
  return PDF_MARKS.map(([, flag]) => flag).filter((flag) => found.has(flag));
}
