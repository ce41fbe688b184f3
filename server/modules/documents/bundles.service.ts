import { Readable } from 'node:stream';
import { type Actor, type Feed, type FileStore, type Hub, HubError, NotFound, zipOf } from '../../platform';
import type { BlobsStore } from './blobs.store';
import { mustBeOpen } from './contents.service';
import type { DocumentsService } from './documents.service';
import { freeName } from './documents.policy';

const MOST_BYTES = 2 * 1024 ** 3;

interface Packed {
  readonly name: string;
  readonly store: FileStore;
  readonly storageKey: string;
}

/** Several documents as one archive: each looked at before the first byte leaves, then read one after another. */
export class BundlesService {
  constructor(
    private readonly hub: Hub,
    private readonly documents: DocumentsService,
    private readonly blobs: BlobsStore,
  ) {}

  async archive(actor: Actor, given: readonly string[]): Promise<Feed> {
    const ids = [...new Set(given)];
    const packed: Packed[] = [];
    const names = new Set<string>();
    let size = 0;
    for (const id of ids) {
      const { row } = await this.documents.mustRead(actor, id);
      mustBeOpen(row);
      size += row.size;
      if (size > MOST_BYTES) throw new HubError('FILE_TOO_LARGE', 'Together they have more than 2 GiB.');
      const blob = await this.blobs.find(row.orgId, row.sha256);
      const store = blob && (await this.blobs.storeOf(row.orgId, blob));
      if (!store) throw new NotFound('This file');
      const name = freeName(row.filename, names);
      names.add(name.toLowerCase());
      packed.push({ name, store, storageKey: blob.storageKey });
    }
    await this.note(actor, ids);
    return {
      status: 200,
      type: 'application/zip',
      headers: { 'Content-Disposition': 'attachment; filename="documents.zip"', 'Cache-Control': 'no-store' },
      body: Readable.from(zipOf(filesOf(packed)), { objectMode: false }),
    };
  }

  private async note(actor: Actor, ids: readonly string[]): Promise<void> {
    await this.hub.transact(async (after) => {
      for (const id of ids)
        after.record({
          type: 'user_action',
          action: 'document.opened',
          orgId: actor.orgId,
          entity: { type: 'document', id },
          data: { by: 'person', archive: ids.length },
        });
    });
  }
}

async function* filesOf(packed: readonly Packed[]): AsyncGenerator<{ name: string; content: Readable }> {
  for (const { name, store, storageKey } of packed) yield { name, content: await store.get(storageKey) };
}
