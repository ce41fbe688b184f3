import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import { HubError, Invalid } from '../errors';

const FIELDS = 20;
const FIELD_BYTES = 10_000;
const MAX_BYTES = 10 * 1024 * 1024;
const TOO_LONG_MS = 300_000;

/** A file that was sent, in a place of its own until it was looked at. */
export interface ReceivedFile {
  readonly path: string;
  /** As its sender called it, without folders; nothing but text. */
  readonly name: string;
  readonly declaredType: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface Received {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: ReceivedFile;
  /** Removes the file, wherever it has gone from there. */
  discard(): Promise<void>;
}

/**
 * Reads a multipart body of one file and a few short fields. The file goes to the disk while it comes, so that a large
 * one takes no memory; what is too large is stopped where it becomes so.
 * @throws HubError 413, 415, or 422 naming `file`
 */
export async function receiveUpload(request: IncomingMessage, maxBytes = MAX_BYTES): Promise<Received> {
  if (!/^multipart\/form-data;/i.test(request.headers['content-type'] ?? ''))
    throw new HubError('UNSUPPORTED_MEDIA', 'The body must be multipart/form-data.');
  const folder = await mkdtemp(path.join(tmpdir(), 'loro-upload-'));
  const discard = () => rm(folder, { recursive: true, force: true });
  try {
    const { fields, file } = await parts(request, path.join(folder, 'file'), maxBytes);
    if (!file) throw missing();
    return { fields, file, discard };
  } catch (error) {
    await discard();
    // Whoever sends what nobody reads would wait for ever.
    request.resume();
    throw error;
  }
}

const missing = (): Invalid =>
  new Invalid('VALIDATION_FAILED', 'Wrong: file.', {
    errors: [{ path: 'file', code: 'required', message: 'is not there, or comes more than once' }],
  });

async function parts(request: IncomingMessage, place: string, maxBytes: number) {
  const fields: Record<string, string> = {};
  const files: Promise<ReceivedFile>[] = [];
  const limits = { files: 2, fields: FIELDS, fieldSize: FIELD_BYTES, fileSize: maxBytes + 1, headerPairs: 100 };
  const parser = busboy({ headers: request.headers, limits, defParamCharset: 'utf8' });
  parser.on('field', (name, value, { valueTruncated }) => {
    if (valueTruncated) parser.destroy(new Invalid('VALIDATION_FAILED', `The field ${name} is too long.`));
    else if (name !== '__proto__') fields[name] = value;
  });
  parser.on('file', (name, stream, { filename, mimeType }) => {
    if (name !== 'file' || files.length > 0) return void stream.resume().once('end', () => parser.destroy(missing()));
    const saved = save(stream, place, maxBytes, { name: filename ?? '', declaredType: mimeType });
    saved.catch((error: Error) => parser.destroy(error));
    files.push(saved);
  });
  try {
    await pipeline(request, parser, { signal: AbortSignal.timeout(TOO_LONG_MS) });
  } catch (error) {
    await Promise.allSettled(files);
    if (error instanceof HubError) throw error;
    throw new Invalid('MALFORMED_JSON', 'The multipart body did not arrive whole.', { cause: error });
  }
  return { fields, file: await files[0] };
}

async function save(
  stream: Readable,
  place: string,
  maxBytes: number,
  about: Pick<ReceivedFile, 'name' | 'declaredType'>,
): Promise<ReceivedFile> {
  const hash = createHash('sha256');
  let size = 0;
  const look = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes)
        return done(new HubError('PAYLOAD_TOO_LARGE', `A file may have ${Math.floor(maxBytes / 1_048_576)} MiB here.`));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(stream, look, createWriteStream(place, { mode: 0o600 }));
  return { ...about, path: place, size, sha256: hash.digest('hex') };
}
