import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Actor, type Feed, type Hub, HubError, NotFound, ulid } from '../../platform';
import { configuration } from '../configuration';
import type { Blob, BlobsStore } from './blobs.store';
import { mustBeOpen } from './contents.service';
import type { DocumentsService } from './documents.service';
import { isDrawable, shrink } from './image.check';

interface Preview {
  readonly size: number;
  readonly mime: string;
  readonly targetId: string | null;
  readonly storageKey: string;
}

/**
 * Smaller pictures of images, made when somebody first asks and kept beside the file, once for all documents that hold
 * the same bytes. They count against nobody's storage.
 */
export class PreviewsService {
  /** Two who ask at once wait for one drawing; on two nodes both draw, and the first is kept. */
  private readonly drawing = new Map<string, Promise<Preview>>();

  constructor(
    private readonly hub: Hub,
    private readonly documents: DocumentsService,
    private readonly blobs: BlobsStore,
  ) {}

  async thumbnail(actor: Actor, documentId: string, width: number, isHead: boolean): Promise<Feed> {
    const { row } = await this.documents.mustRead(actor, documentId);
    mustBeOpen(row);
    if (!isDrawable(row.mime)) throw new HubError('NO_PREVIEW', `Of ${row.mime} there is no picture.`);
    const blob = await this.blobs.find(row.orgId, row.sha256);
    if (!blob) throw new NotFound('This file');
    const preview = (await this.find(row.orgId, row.sha256, width)) ?? (await this.once(row.orgId, blob, width));
    const store = await this.blobs.storeOf(row.orgId, { ...blob, ...preview });
    if (!store) throw new NotFound('This picture');
    return {
      status: 200,
      type: preview.mime,
      headers: {
        'Content-Length': String(preview.size),
        'Content-Disposition': 'inline',
        'Content-Security-Policy': "sandbox; default-src 'none'",
        'Cache-Control': 'private, max-age=86400',
        ETag: `"${row.sha256}-${width}"`,
      },
      ...(!isHead && { body: await store.get(preview.storageKey) }),
    };
  }

  /** In the transaction that lets go of a blob. @returns what is to be removed after the commit */
  async release(orgId: string, blob: Blob): Promise<Blob[]> {
    const previews = await this.hub.select<Preview>(
      'SELECT size, mime, target_id AS targetId, storage_key AS storageKey FROM document_previews WHERE org_id = :orgId AND sha256 = :sha256',
      { orgId, sha256: blob.sha256 },
    );
    await this.hub.sequelize.query('DELETE FROM document_previews WHERE org_id = :orgId AND sha256 = :sha256', {
      replacements: { orgId, sha256: blob.sha256 },
    });
    return previews.map((preview) => ({ ...preview, sha256: blob.sha256 }));
  }

  private async find(orgId: string, sha256: string, width: number): Promise<Preview | null> {
    const [preview] = await this.hub.select<Preview>(
      `SELECT size, mime, target_id AS targetId, storage_key AS storageKey FROM document_previews
       WHERE org_id = :orgId AND sha256 = :sha256 AND width = :width`,
      { orgId, sha256, width },
    );
    return preview ?? null;
  }

  private once(orgId: string, blob: Blob, width: number): Promise<Preview> {
    const key = `${orgId} ${blob.sha256} ${width}`;
    const under = this.drawing.get(key);
    if (under) return under;
    const drawn = this.draw(orgId, blob, width).finally(() => this.drawing.delete(key));
    this.drawing.set(key, drawn);
    return drawn;
  }

  private async draw(orgId: string, blob: Blob, width: number): Promise<Preview> {
    const from = await this.blobs.storeOf(orgId, blob);
    if (!from) throw new NotFound('This file');
    const folder = await mkdtemp(path.join(tmpdir(), 'loro-preview-'));
    try {
      const to = path.join(folder, 'preview.webp');
      const size = await shrink(await from.get(blob.storageKey), to, width);
      const place = await this.hub.use(configuration).storage.placeFor(orgId, 'documents');
      const preview = {
        size,
        mime: 'image/webp',
        targetId: place.target?.id ?? null,
        storageKey: `previews/${blob.sha256.slice(0, 2)}/${blob.sha256}-${width}-${ulid().toLowerCase()}`,
      };
      await place.store.put(preview.storageKey, createReadStream(to), { type: preview.mime, size });
      return await this.keep(orgId, blob.sha256, width, preview);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async keep(orgId: string, sha256: string, width: number, preview: Preview): Promise<Preview> {
    await this.hub.sequelize.query(
      `INSERT IGNORE INTO document_previews (org_id, sha256, width, size, mime, target_id, storage_key)
       VALUES (:orgId, :sha256, :width, :size, :mime, :targetId, :storageKey)`,
      { replacements: { orgId, sha256, width, ...preview } },
    );
    return (await this.find(orgId, sha256, width)) ?? preview;
  }
}
