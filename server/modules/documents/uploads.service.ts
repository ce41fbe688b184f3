import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Document } from '@loro/contracts/documents';
import {
  type Actor,
  Conflict,
  digest,
  type Feed,
  type FileStore,
  type Hub,
  HubError,
  NotFound,
  ulid,
} from '../../platform';
import { configuration } from '../configuration';
import { limitsOf } from './documents.policy';
import { mustBeTaken } from './file.check';
import type { FilingService } from './filing.service';
import { bytesOf, fieldsOf, UploadFields } from './uploads.policy';
import { type Part, type Upload, UploadsStore } from './uploads.store';

const BYTES = 'application/offset+octet-stream';
const LIVES_MS = 24 * 3_600_000;
/** How long an ended upload still answers that it has ended. */
const REMEMBERED_MS = 7 * 24 * 3_600_000;
const FINISHING_MS = 5 * 60_000;
const TOO_LONG_MS = 300_000;
const SWEPT_AT_ONCE = 100;

interface Asked {
  header(name: string): string;
}

/**
 * Files that come part by part, as tus 1.0 says. Each part is kept where the organisation keeps its files, so that the
 * next one may come to another node; what arrived of a part that broke off is kept too.
 */
export class UploadsService {
  private readonly rows: UploadsStore;

  constructor(
    private readonly hub: Hub,
    private readonly filing: FilingService,
  ) {
    this.rows = new UploadsStore(hub);
  }

  /** What is spoken says every answer of these rows by itself. */
  options(): Feed {
    return { status: 204, headers: {} };
  }

  async begin(actor: Actor, asked: Asked): Promise<Feed> {
    mustSpeakTus(asked);
    const size = bytesOf('Upload-Length', asked.header('upload-length'));
    const fields = fieldsOf(asked.header('upload-metadata'));
    const { maxBytes } = limitsOf[fields.purpose];
    if (size > maxBytes)
      throw new HubError('FILE_TOO_LARGE', `A file for “${fields.purpose}” may have ${maxBytes / 1_048_576} MiB.`);
    mustBeTaken(fields.filename, fields.purpose);
    await this.filing.mayFile(actor, fields);
    const { orgId, userId } = actor;
    const place = await this.filing.placeFor(orgId, size);
    const upload = {
      orgId,
      id: ulid(this.hub.now().getTime()),
      userId,
      targetId: place.target?.id ?? null,
      size,
      fields: JSON.stringify(fields),
      expiresAt: this.endFromNow(),
    };
    const limit = await this.filing.limitOf(orgId, place.target?.quotaBytes);
    await this.hub.transact(() => this.rows.begin(upload, limit));
    return {
      status: 201,
      headers: { Location: `/api/v1/uploads/${upload.id}`, ...standing({ ...upload, received: 0 }) },
    };
  }

  async state(actor: Actor, id: string, asked: Asked): Promise<Feed> {
    const upload = await this.mine(actor, id);
    mustSpeakTus(asked);
    const { size, state } = upload;
    return {
      status: 200,
      headers: {
        'Upload-Length': String(size),
        ...standing(upload),
        ...(state === 'done' && { 'Content-Location': `/api/v1/documents/${id}` }),
      },
    };
  }

  async append(actor: Actor, id: string, asked: Asked & { readonly bytes: Readable }): Promise<Feed> {
    const upload = await this.mine(actor, id);
    mustSpeakTus(asked);
    if (asked.header('content-type') !== BYTES) throw new HubError('UNSUPPORTED_MEDIA', `The body must be ${BYTES}.`);
    const beginsAt = bytesOf('Upload-Offset', asked.header('upload-offset'));
    if (upload.state === 'done' || beginsAt !== upload.received) {
      throw new Conflict('UPLOAD_OFFSET', `This upload has come to ${upload.received}.`);
    }
    const received = await this.takePart(upload, asked.bytes);
    if (received < upload.size) return { status: 204, headers: standing({ ...upload, received }, this.endFromNow()) };
    await this.finish(actor, { ...upload, received });
    return {
      status: 204,
      headers: {
        ...standing({ ...upload, received }, this.endFromNow()),
        'Content-Location': `/api/v1/documents/${id}`,
      },
    };
  }

  async end(actor: Actor, id: string, asked: Asked): Promise<void> {
    const upload = await this.mine(actor, id);
    mustSpeakTus(asked);
    if (upload.state === 'done') throw new Conflict('UPLOAD_OFFSET', 'It is a document already.');
    await this.letGo(upload, 'ended');
  }

  /** Lets go of what nobody went on with, and forgets what ended long ago. */
  async sweep(): Promise<void> {
    const now = this.hub.now();
    for (;;) {
      const due = await this.rows.due(['open'], now, SWEPT_AT_ONCE);
      for (const upload of due) await this.letGo(upload, 'ended');
      if (due.length < SWEPT_AT_ONCE) break;
    }
    const old = new Date(now.getTime() - REMEMBERED_MS);
    for (;;) {
      const due = await this.rows.due(['done', 'failed', 'ended'], old, SWEPT_AT_ONCE);
      for (const upload of due) {
        await this.removeParts(upload);
        await this.rows.forget(upload);
      }
      if (due.length < SWEPT_AT_ONCE) return;
    }
  }

  /** One's own upload that is not over. @throws NotFound, HubError UPLOAD_EXPIRED */
  private async mine(actor: Actor, id: string): Promise<Upload> {
    const upload = await this.rows.find(actor.orgId, id);
    if (upload?.userId !== actor.userId) throw new NotFound('This upload');
    const isOver = upload.state === 'ended' || upload.state === 'failed';
    if (isOver || (upload.state === 'open' && upload.expiresAt <= this.hub.now()))
      throw new HubError('UPLOAD_EXPIRED', 'This upload has ended. Begin anew.');
    return upload;
  }

  /** @returns how far the upload has come with it */
  private async takePart(upload: Upload, bytes: Readable): Promise<number> {
    const folder = await mkdtemp(path.join(tmpdir(), 'loro-part-'));
    try {
      const file = path.join(folder, 'part');
      const broke = await receive(bytes, file, upload.size - upload.received);
      const { size } = await stat(file).catch(() => ({ size: 0 }));
      if (broke instanceof HubError) throw broke;
      if (size === 0) return upload.received;
      return await this.keepPart(upload, file, size);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async keepPart(upload: Upload, file: string, size: number): Promise<number> {
    const store = await this.storeOf(upload);
    const part: Part = {
      beginsAt: upload.received,
      size,
      storageKey: `uploads/${upload.id}/${ulid().toLowerCase()}`,
    };
    await store.put(part.storageKey, createReadStream(file), { type: 'application/octet-stream', size });
    const isKept = await this.hub.transact(() => this.rows.append(upload, part, this.endFromNow()));
    if (isKept) return upload.received + size;
    await store.remove(part.storageKey);
    throw new Conflict('UPLOAD_OFFSET', 'Somebody else went on with this upload meanwhile.');
  }

  /** All has arrived: looked at and filed as any other file, or refused for good. */
  private async finish(actor: Actor, upload: Upload): Promise<Document> {
    if (!(await this.rows.claim(upload, new Date(this.hub.now().getTime() + FINISHING_MS))))
      throw new Conflict('UPLOAD_BUSY', 'Another call finishes this upload.');
    const folder = await mkdtemp(path.join(tmpdir(), 'loro-upload-'));
    try {
      const document = await this.file(actor, upload, path.join(folder, 'file'));
      await this.removeParts(upload);
      return document;
    } catch (error) {
      if (error instanceof HubError && error.status < 500) await this.letGo(upload, 'failed');
      else await this.rows.unclaim(upload);
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async file(actor: Actor, upload: Upload, to: string): Promise<Document> {
    const store = await this.storeOf(upload);
    for (const { storageKey } of await this.rows.parts(upload))
      await pipeline(await store.get(storageKey), createWriteStream(to, { flags: 'a', mode: 0o600 }));
    const { filename, sha256: expected, ...given } = UploadFields.parse(JSON.parse(upload.fields));
    const file = upload.size === 0 ? { size: 0, sha256: '' } : await digest(createReadStream(to));
    if (expected !== undefined && expected !== file.sha256)
      throw new HubError('UPLOAD_CHECKSUM', 'The bytes that arrived are not the ones that were announced.');
    return this.filing.upload(
      actor,
      { ...given, sha256: undefined },
      { ...file, path: to, name: filename, declaredType: '' },
      // The document has the upload's id: of two that finish, one makes it.
      { id: upload.id, within: () => this.rows.end(upload, 'done') },
    );
  }

  private async letGo(upload: Upload, state: 'ended' | 'failed'): Promise<void> {
    await this.hub.transact(() => this.rows.end(upload, state));
    await this.removeParts(upload);
  }

  private async removeParts(upload: Upload): Promise<void> {
    const parts = await this.rows.parts(upload);
    if (parts.length === 0) return;
    const store = await this.storeOf(upload);
    for (const { storageKey } of parts)
      await store
        .remove(storageKey)
        .catch((error: unknown) => this.hub.log.warn({ err: error }, 'a part of an upload was left over'));
    await this.rows.forgetParts(upload);
  }

  private async storeOf({ orgId, targetId }: Upload): Promise<FileStore> {
    const places = this.hub.use(configuration).storage;
    const place = targetId === null ? places.ownFolder(orgId) : await places.placeOf(orgId, targetId);
    if (!place) throw new HubError('UPLOAD_EXPIRED', 'Where it was kept was taken down. Begin anew.');
    return place.store;
  }

  private endFromNow(): Date {
    return new Date(this.hub.now().getTime() + LIVES_MS);
  }
}

const standing = (
  { received, expiresAt }: Pick<Upload, 'received' | 'expiresAt'>,
  end: Date = expiresAt,
): Record<string, string> => ({ 'Upload-Offset': String(received), 'Upload-Expires': end.toUTCString() });

function mustSpeakTus(asked: Asked): void {
  if (asked.header('tus-resumable') !== '1.0.0')
    throw new HubError('TUS_VERSION', 'This hub speaks tus 1.0.0; say so in Tus-Resumable.');
}

/** Writes what comes, until all or too much of it came. @returns why it broke off, where it did */
async function receive(bytes: Readable, file: string, most: number): Promise<unknown> {
  let size = 0;
  const look = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > most) done(new HubError('UPLOAD_TOO_LONG', `At most ${most} bytes were still to come.`));
      else done(null, chunk);
    },
  });
  // A sender who goes away ends the first two; what came until then is written down before the file is closed.
  const written = createWriteStream(file, { mode: 0o600 });
  const closed = new Promise<void>((resolve) => written.once('close', () => resolve()));
  let broke: unknown;
  const stop = (error: unknown) => {
    broke ??= error;
    look.unpipe(written);
    written.end();
  };
  const timer = setTimeout(() => stop(new Error('too slow')), TOO_LONG_MS);
  bytes.once('error', stop).once('aborted', () => stop(new Error('the sender went away')));
  look.once('error', stop);
  written.once('error', stop);
  bytes.pipe(look).pipe(written);
  await closed;
  clearTimeout(timer);
  if (broke !== undefined) bytes.unpipe(look).resume();
  return broke;
}
