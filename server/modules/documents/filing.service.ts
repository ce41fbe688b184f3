import {
  type Document,
  type DocumentLink,
  type NewDocument,
  type Purpose,
  scanDocument,
} from '@loro/contracts/documents';
import type { z } from 'zod';
import { type Actor, type After, allow, type Hub, HubError, NotFound, type ReceivedFile, ulid } from '../../platform';
import { branches } from '../branches';
import { configuration, type FilePlace } from '../configuration';
import type { Blob, BlobsStore } from './blobs.store';
import { DocumentModel } from './document.model';
import type { DocumentsService } from './documents.service';
import { accept, type Accepted } from './file.check';

const DAY_MS = 86_400_000;

/** Takes files in: looked at, written, and only then spoken of. */
export class FilingService {
  constructor(
    private readonly hub: Hub,
    private readonly documents: DocumentsService,
    private readonly blobs: BlobsStore,
  ) {}

  /** Whether a document may be filed where and at what it says. @returns what it will be linked to */
  async mayFile(actor: Actor, given: z.output<typeof NewDocument>): Promise<DocumentLink | null> {
    const { branchId = null, ownerType, ownerId, role } = given;
    allow(actor, 'documents.write', { userId: actor.userId });
    const { orgId, userId } = actor;
    if (branchId !== null) {
      allow(actor, 'documents.write', {
        userId: branchId === actor.homeBranchId ? userId : null,
        branchId,
        what: 'This branch',
      });
      if (!(await this.hub.use(branches).exists(orgId, branchId))) throw new NotFound('This branch');
    }
    const link =
      ownerType !== undefined && ownerId !== undefined ? { ownerType, ownerId, role: role ?? 'attachment' } : null;
    if (link) await this.documents.mustSee(actor, link);
    return link;
  }

  /** @param as the id that the document gets, and what else happens with it */
  async upload(
    actor: Actor,
    given: z.output<typeof NewDocument>,
    file: ReceivedFile,
    as?: { readonly id: string; readonly within: () => Promise<unknown> },
  ): Promise<Document> {
    const { purpose, branchId = null, visibility } = given;
    const { orgId, userId } = actor;
    const link = await this.mayFile(actor, given);
    const accepted = await accept(file, purpose, given.sha256);
    const id = as?.id ?? ulid();
    const createdAt = this.hub.now();
    const retentionUntil = await this.keepUntil(orgId, purpose, createdAt);
    return this.keep(
      actor,
      accepted,
      async (scan, after) => {
        const { filename, mime, size, sha256, meta } = accepted;
        await DocumentModel.create({
          orgId,
          id,
          ownerId: userId,
          branchId,
          purpose,
          title: given.title === undefined || given.title === '' ? filename : given.title,
          filename,
          mime,
          size,
          sha256,
          ...scan,
          verification: 'none',
          verifiedBy: null,
          verificationNote: null,
          visibility: link && visibility === 'private' ? 'linked' : visibility,
          classification: 'normal',
          tags: '[]',
          meta: JSON.stringify(meta),
          currentNo: 1,
          urlEpoch: 0,
          legalHold: false,
          retentionUntil,
          createdAt,
          deletedAt: null,
          version: 1,
        });
        await this.documents.store.addVersion(orgId, id, { no: 1, sha256, size, mime, note: null, createdBy: userId });
        if (link) await this.documents.store.link(orgId, id, link, userId);
        if (scan.state === 'processing') after.enqueue(scanDocument, { orgId, documentId: id, no: 1 });
        return this.documents.tell(orgId, id, 'handed-in', undefined, after);
      },
      as?.within,
    );
  }

  async addVersion(
    actor: Actor,
    documentId: string,
    version: number,
    note: string | undefined,
    file: ReceivedFile,
  ): Promise<Document> {
    const { purpose } = await this.documents.mustWrite(actor, documentId);
    const accepted = await accept(file, purpose);
    const { orgId, userId } = actor;
    return this.keep(actor, accepted, async (scan, after) => {
      const row = await this.documents.lock(actor, documentId, version);
      const before = await this.documents.store.one(orgId, documentId);
      const { filename, mime, size, sha256, meta } = accepted;
      const no = row.currentNo + 1;
      await row.update({
        filename,
        mime,
        size,
        sha256,
        ...scan,
        meta: JSON.stringify(meta),
        currentNo: no,
        version: version + 1,
      });
      await this.documents.store.addVersion(orgId, documentId, {
        no,
        sha256,
        size,
        mime,
        note: note ?? null,
        createdBy: userId,
      });
      if (scan.state === 'processing') after.enqueue(scanDocument, { orgId, documentId, no });
      return this.documents.tell(orgId, documentId, 'versioned', before, after);
    });
  }

  async restoreVersion(actor: Actor, documentId: string, version: number, no: number): Promise<Document> {
    await this.documents.mustWrite(actor, documentId);
    const { orgId, userId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.documents.lock(actor, documentId, version);
      const before = await this.documents.store.one(orgId, documentId);
      const { sha256, size, mime } = await this.documents.store.version(orgId, documentId, no);
      await this.blobs.hold(orgId, sha256, null, null);
      const next = row.currentNo + 1;
      await row.update({ sha256, size, mime, currentNo: next, version: version + 1 });
      await this.documents.store.addVersion(orgId, documentId, {
        no: next,
        sha256,
        size,
        mime,
        note: `As version ${no}`,
        createdBy: userId,
      });
      return this.documents.tell(orgId, documentId, 'version-restored', before, after);
    });
  }

  /** Writes the bytes, then everything that speaks of them in one transaction. */
  private async keep(
    actor: Actor,
    accepted: Accepted,
    write: (scan: Pick<DocumentModel, 'state' | 'scan'>, after: After) => Promise<Document>,
    before?: () => Promise<unknown>,
  ): Promise<Document> {
    const { orgId } = actor;
    const place = await this.placeFor(orgId, accepted.size);
    const scan = accepted.isInfected
      ? ({ state: 'quarantined', scan: 'infected' } as const)
      : place.target?.scanUrl || this.hub.config.CLAMD_URL
        ? ({ state: 'processing', scan: 'pending' } as const)
        : ({ state: 'ready', scan: 'skipped' } as const);
    const written = await this.blobs.write(orgId, accepted, place);
    let isKept = false;
    try {
      return await this.hub.transact(async (after) => {
        await before?.();
        isKept = await this.blobs.hold(
          orgId,
          accepted.sha256,
          written,
          await this.limitOf(orgId, place.target?.quotaBytes),
        );
        return await write(scan, after);
      });
    } catch (error) {
      isKept = false;
      throw error;
    } finally {
      if (written && !isKept) await this.forget(orgId, written);
    }
  }

  /** Removes a file that no row points to. One that cannot be removed now is a file too much, and no more. */
  async forget(orgId: string, blob: Blob): Promise<void> {
    const store = await this.blobs.storeOf(orgId, blob);
    await store
      ?.remove(blob.storageKey)
      .catch((error: unknown) => this.hub.log.warn({ err: error }, 'a file was left over'));
  }

  /** Where documents of an organisation go. @throws HubError FILE_TOO_LARGE */
  async placeFor(orgId: string, size: number): Promise<FilePlace> {
    const place = await this.hub.use(configuration).storage.placeFor(orgId, 'documents');
    const maxMb = place.target?.maxFileMb;
    if (maxMb !== undefined && size > maxMb * 1_048_576)
      throw new HubError('FILE_TOO_LARGE', `The organisation keeps files of at most ${maxMb} MiB.`);
    return place;
  }

  /** Until when a new document of this purpose cannot be thrown away. */
  private async keepUntil(orgId: string, purpose: Purpose, from: Date): Promise<Date | null> {
    const days = (await this.hub.use(configuration).value('documents.retention', { orgId }))[purpose]?.keepDays;
    return days === undefined ? null : new Date(from.getTime() + days * DAY_MS);
  }

  /** Bytes that the organisation may keep: what its plan and its storage allow. */
  async limitOf(orgId: string, quota: number | null | undefined): Promise<number | null> {
    const ofPlan = await this.hub.ports.limit(orgId, 'storage-bytes');
    const limits = [ofPlan, quota ?? null].filter((limit) => limit !== null);
    return limits.length === 0 ? null : Math.min(...limits);
  }
}
