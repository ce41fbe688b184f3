import type { Document, SignedLink } from '@loro/contracts/documents';
import { type Actor, Conflict, type Feed, Forbidden, type Hub, HubError, NotFound } from '../../platform';
import type { BlobsStore } from './blobs.store';
import type { DocumentModel } from './document.model';
import { type Address, dispositionOf, isSignedBy, rangeOf, signatureOf } from './documents.policy';
import type { DocumentsService } from './documents.service';

interface Wanted {
  readonly no: number;
  readonly disposition: 'attachment' | 'inline';
  readonly range: string | undefined;
  readonly isHead: boolean;
}

/** Shown in the page itself: only what was drawn anew, and PDF, which readers keep in a sandbox. */
const INLINE = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'application/pdf']);

const SHARED_SEC = 300;

/** Opens files, for those who may see them and for those who hold a signed address. */
export class ContentsService {
  private readonly key: Buffer;

  constructor(
    private readonly hub: Hub,
    private readonly documents: DocumentsService,
    private readonly blobs: BlobsStore,
  ) {
    this.key = hub.secrets.hmac('documents', 'signed addresses');
  }

  async content(
    actor: Actor,
    documentId: string,
    { version, ...wanted }: Omit<Wanted, 'no'> & { version?: number | undefined },
  ): Promise<Feed> {
    const { row, document } = await this.documents.mustRead(actor, documentId);
    const feed = await this.serve(row, { ...wanted, no: version ?? row.currentNo });
    if (!wanted.isHead) await this.note(document, actor.orgId, version ?? row.currentNo, actor.userId);
    return feed;
  }

  /** An address that opens the file without signing in, until it runs out or the document's visibility changes. */
  async link(
    actor: Actor,
    documentId: string,
    { ttlSec, disposition }: { ttlSec: number; disposition: Wanted['disposition'] },
  ): Promise<SignedLink> {
    const { row } = await this.documents.mustRead(actor, documentId);
    return this.addressOf(row, ttlSec, disposition);
  }

  /** The same for whoever proved it otherwise, by the password of a share. */
  async linkFor(orgId: string, documentId: string): Promise<SignedLink> {
    return this.addressOf(await this.documents.store.find(orgId, documentId), SHARED_SEC, 'attachment');
  }

  /** The newest version, for whoever has the address of a share. */
  async shared(
    orgId: string,
    documentId: string,
    shareId: string,
    wanted: Pick<Wanted, 'range' | 'isHead'>,
  ): Promise<Feed> {
    const row = await this.documents.store.find(orgId, documentId);
    const feed = await this.serve(row, { ...wanted, no: row.currentNo, disposition: 'attachment' });
    if (!wanted.isHead)
      await this.note(await this.documents.store.one(orgId, documentId), orgId, row.currentNo, null, shareId);
    return feed;
  }

  private addressOf(row: DocumentModel, ttlSec: number, disposition: Wanted['disposition']): SignedLink {
    mustBeOpen(row);
    const documentId = row.id;
    const exp = Math.floor(this.hub.now().getTime() / 1000) + ttlSec;
    const address = { orgId: row.orgId, documentId, no: row.currentNo, exp, disposition, epoch: row.urlEpoch };
    const query = new URLSearchParams({
      v: String(address.no),
      exp: String(exp),
      d: disposition,
      ...(address.epoch > 0 && { e: String(address.epoch) }),
      sig: signatureOf(this.key, address),
    });
    const url = `${this.hub.config.PUBLIC_URL ?? ''}/api/v1/files/${row.orgId}/${documentId}?${query.toString()}`;
    return { url, expiresAt: new Date(exp * 1000).toISOString() };
  }

  /** The file behind such an address. The signature is looked at first: who guesses learns nothing, not even a 404. */
  async open(address: Address, signature: string, wanted: Pick<Wanted, 'range' | 'isHead'>): Promise<Feed> {
    if (!isSignedBy(this.key, address, signature))
      throw new Forbidden('URL_SIGNATURE', 'This address was not given out by the hub.');
    if (address.exp * 1000 <= this.hub.now().getTime())
      throw new Forbidden('URL_EXPIRED', 'This address has run out. Ask for a new one.');
    const { orgId, documentId, no, disposition, epoch } = address;
    const row = await this.documents.store.find(orgId, documentId);
    if (epoch !== row.urlEpoch) throw new Forbidden('URL_EXPIRED', 'This address was ended. Ask for a new one.');
    const feed = await this.serve(row, { no, disposition, ...wanted });
    if (!wanted.isHead) await this.note(await this.documents.store.one(orgId, documentId), orgId, no, null);
    return feed;
  }

  private async serve(row: DocumentModel, { no, disposition, range: asked, isHead }: Wanted): Promise<Feed> {
    mustBeOpen(row);
    const { orgId, id, filename } = row;
    const { sha256, size, mime } = await this.documents.store.version(orgId, id, no);
    const blob = await this.blobs.find(orgId, sha256);
    const store = blob && (await this.blobs.storeOf(orgId, blob));
    if (!store) throw new NotFound('This file');
    const range = rangeOf(asked, size);
    if (range === 'unsatisfiable') throw new HubError('RANGE_NOT_SATISFIABLE', `This file has ${size} bytes.`);
    const kind = disposition === 'inline' && INLINE.has(mime) ? 'inline' : 'attachment';
    const headers = {
      'Content-Disposition': dispositionOf(kind, filename),
      'Content-Length': String(range ? range.end - range.start + 1 : size),
      'Content-Security-Policy': "sandbox; default-src 'none'",
      'Cross-Origin-Resource-Policy': 'same-site',
      'Cache-Control': 'private, max-age=0, must-revalidate',
      'Accept-Ranges': 'bytes',
      ETag: `"${sha256}"`,
      ...(range && { 'Content-Range': `bytes ${range.start}-${range.end}/${size}` }),
    };
    const body = isHead ? undefined : await store.get(blob.storageKey, range ?? undefined);
    return { status: range ? 206 : 200, headers, type: mime, ...(body && { body }) };
  }

  private async note(
    document: Document,
    orgId: string,
    no: number,
    userId: string | null,
    shareId?: string,
  ): Promise<void> {
    await this.hub.transact(async (after) =>
      after.record({
        type: 'user_action',
        action: 'document.opened',
        orgId,
        entity: { type: 'document', id: document.id },
        branchId: document.branchId,
        data: {
          version: no,
          by: userId !== null ? 'person' : shareId === undefined ? 'signed address' : 'share',
          ...(shareId !== undefined && { share: shareId }),
        },
      }),
    );
  }
}

/** @throws HubError QUARANTINED, Conflict DOCUMENT_NOT_READY */
export function mustBeOpen({ state, scan }: DocumentModel): void {
  if (state === 'quarantined')
    throw new HubError(
      'QUARANTINED',
      scan === 'infected' ? 'The scanner found something in it.' : 'It was locked away.',
    );
  if (state !== 'ready')
    throw new Conflict('DOCUMENT_NOT_READY', state === 'trashed' ? 'It lies in the trash.' : 'It is still looked at.');
}
