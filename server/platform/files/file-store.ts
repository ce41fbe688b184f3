import type { Readable } from 'node:stream';
import { Invalid } from '../errors';

/** Bytes of a file, both ends included, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What is known of a file before its bytes are. */
export interface FileAbout {
  readonly type: string;
  readonly size: number;
}

/**
 * Where files of one organisation are kept. Keys are paths of letters, digits, dots, dashes and underscores. Every call
 * bears being repeated: writing again replaces, removing what is gone is done.
 */
export interface FileStore {
  put(key: string, body: Readable | Uint8Array, about: FileAbout): Promise<void>;
  /** The whole file, or the bytes from `start` to `end`, both included. @throws FileMissing */
  get(key: string, range?: ByteRange): Promise<Readable>;
  /** Its length in bytes; null for a file that is not there. */
  sizeOf(key: string): Promise<number | null>;
  remove(key: string): Promise<void>;
  /** Keys after `after`, in the order of their bytes, at most `limit`. */
  list(after: string | null, limit: number): Promise<string[]>;
  /** An address that opens this one file for a while without signing in; null where the hub itself must hand it out. */
  signedUrl(key: string, seconds: number): Promise<string | null>;
}

/** A file that is not where it should be. */
export class FileMissing extends Error {
  constructor(key: string) {
    super(`the file ${key} is not there`);
    this.name = 'FileMissing';
  }
}

const PART = /^[\w-][\w.-]*$/;

/** @throws Invalid for a key that could lead out of its store */
export function checkKey(key: string): string {
  if (key.length > 512 || !key.split('/').every((part) => PART.test(part)))
    throw new Invalid('VALIDATION_FAILED', 'This is not a name of a file.');
  return key;
}

export const rangeHeader = (range: ByteRange | undefined): Record<string, string> =>
  range ? { range: `bytes=${range.start}-${range.end}` } : {};

/** `photos/2026` and `photos/2026/` mean the same place, and an empty prefix the top. */
export const prefixOf = (prefix: string): string => (prefix === '' ? '' : `${prefix.replace(/\/+$/, '')}/`);
