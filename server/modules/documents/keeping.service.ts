import type { Readable } from 'node:stream';
import { type Document, purposes, type scanDocument } from '@loro/contracts/documents';
import type { z } from 'zod';
import { type Actor, allow, Conflict, digest, FileMissing, type Hub } from '../../platform';
import { configuration } from '../configuration';
import type { Blob, BlobsStore } from './blobs.store';
import { DocumentModel } from './document.model';
import { TRASH_MS } from './documents.policy';
import type { DocumentsService } from './documents.service';
import { askClamd } from './clamd';
import type { FilingService } from './filing.service';
import type { PreviewsService } from './previews.service';

const PURGED_AT_ONCE = 100;
const VERIFIED_AT_ONCE = 200;
const DAY_MS = 86_400_000;
const SCAN_MS = 120_000;

/** What happens to files over time: scanned, thrown away, taken back, removed for good, hashed again. */
export class KeepingService {
  constructor(
    private readonly hub: Hub,
    private readonly documents: DocumentsService,
    private readonly filing: FilingService,
    private readonly blobs: BlobsStore,
    private readonly previews: PreviewsService,
  ) {}

  async trash(actor: Actor, documentId: string, version: number): Promise<void> {
    await this.documents.mustWrite(actor, documentId);
    await this.documents.edit(actor, documentId, 'trashed', version, ({ legalHold, retentionUntil, state }) => {
      if (legalHold) throw new Conflict('LEGAL_HOLD', 'This document is kept for a case.');
      if (retentionUntil && retentionUntil > this.hub.now())
        throw new Conflict('RETENTION_ACTIVE', `This document is kept until ${retentionUntil.toISOString()}.`);
      if (state === 'trashed') throw new Conflict('DOCUMENT_NOT_READY', 'It lies in the trash already.');
      return { state: 'trashed', deletedAt: this.hub.now() };
    });
  }

  async restore(actor: Actor, documentId: string): Promise<Document> {
    await this.documents.mustWrite(actor, documentId);
    return this.documents.edit(actor, documentId, 'restored', undefined, ({ state, scan }) => {
      if (state !== 'trashed') throw new Conflict('DOCUMENT_NOT_READY', 'It does not lie in the trash.');
      const back = scan === 'infected' ? 'quarantined' : scan === 'pending' ? 'processing' : 'ready';
      return { state: back, deletedAt: null };
    });
  }

  async hold(actor: Actor, documentId: string, isHeld: boolean): Promise<Document> {
    await this.documents.mustRead(actor, documentId);
    allow(actor, 'documents.hold');
    return this.documents.edit(actor, documentId, isHeld ? 'held' : 'released', undefined, () => ({
      legalHold: isHeld,
    }));
  }

  /** Asks the scanner of the place where the file lies. What it cannot be asked stays closed and is asked again. */
  async scan({ orgId, documentId, no }: z.output<typeof scanDocument.payload>): Promise<void> {
    const row = await DocumentModel.findOne({ where: { orgId, id: documentId } });
    if (row?.scan !== 'pending' || row.currentNo !== no) return;
    const blob = await this.blobs.find(orgId, row.sha256);
    if (!blob) return;
    const isClean = await this.ask(orgId, blob, row.mime);
    await this.hub.transact(async (after) => {
      const fresh = await this.documents.store.find(orgId, documentId, true);
      if (fresh.scan !== 'pending' || fresh.currentNo !== no) return;
      const before = await this.documents.store.one(orgId, documentId);
      const open = fresh.state === 'trashed' ? {} : { state: isClean ? ('ready' as const) : ('quarantined' as const) };
      await fresh.update({ ...open, scan: isClean ? 'clean' : 'infected', version: fresh.version + 1 });
      await this.documents.tell(orgId, documentId, isClean ? 'cleared' : 'quarantined', before, after);
    });
  }

  /** Puts into the trash what its purpose says goes by itself, then removes for good what lay there long enough. */
  async purge(): Promise<void> {
    await this.trashAged();
    await this.purgeTrash();
  }

  private async trashAged(): Promise<void> {
    const organisations = await this.hub.select<{ orgId: string }>(
      "SELECT DISTINCT org_id AS orgId FROM documents WHERE state NOT IN ('trashed', 'purged')",
    );
    for (const { orgId } of organisations) {
      const rules = await this.hub.use(configuration).value('documents.retention', { orgId });
      for (const purpose of purposes) {
        const days = rules[purpose]?.removeAfterDays;
        if (days !== undefined) await this.trashOlder(orgId, purpose, days);
      }
    }
  }

  private async trashOlder(orgId: string, purpose: Document['purpose'], days: number): Promise<void> {
    const now = this.hub.now();
    const before = new Date(now.getTime() - days * DAY_MS);
    const due = await this.hub.select<{ id: string }>(
      `SELECT id FROM documents WHERE org_id = :orgId AND purpose = :purpose AND state IN ('ready', 'processing', 'quarantined')
       AND created_at <= :before AND NOT legal_hold AND (retention_until IS NULL OR retention_until <= :now)`,
      { orgId, purpose, before, now },
    );
    for (const { id } of due)
      await this.hub.transact(async (after) => {
        const row = await this.documents.store.find(orgId, id, true);
        if (row.legalHold || row.state === 'trashed') return;
        const was = await this.documents.store.one(orgId, id);
        await row.update({ state: 'trashed', deletedAt: now, version: row.version + 1 });
        await this.documents.tell(orgId, id, 'outlived', was, after);
      });
  }

  /** Rows first, then files. */
  private async purgeTrash(): Promise<void> {
    for (;;) {
      const due = await this.hub.select<{ orgId: string; id: string }>(
        `SELECT org_id AS orgId, id FROM documents WHERE state = 'trashed' AND deleted_at <= :before AND NOT legal_hold
         AND (retention_until IS NULL OR retention_until <= :now) ORDER BY deleted_at LIMIT ${PURGED_AT_ONCE}`,
        { before: new Date(this.hub.now().getTime() - TRASH_MS), now: this.hub.now() },
      );
      for (const { orgId, id } of due) await this.purgeOne(orgId, id);
      if (due.length < PURGED_AT_ONCE) return;
    }
  }

  /** Hashes again what was not looked at for longest, and tells what is gone or changed. */
  async verify(): Promise<void> {
    for (const { orgId, ...blob } of await this.blobs.longestUnchecked(VERIFIED_AT_ONCE)) {
      const state = await this.stateOf(orgId, blob);
      await this.blobs.checked(orgId, blob.sha256, state);
      if (state === 'kept') continue;
      this.hub.log.error({ orgId, sha256: blob.sha256, state }, 'a kept file is not what it was');
      await this.hub.transact(async (after) =>
        after.record({
          type: 'system_event',
          action: `file.${state}`,
          severity: 'critical',
          orgId,
          entity: { type: 'file', id: blob.sha256 },
        }),
      );
    }
  }

  private async purgeOne(orgId: string, id: string): Promise<void> {
    const freed = await this.hub.transact(async (after) => {
      const row = await DocumentModel.findOne({ where: { orgId, id }, lock: true });
      if (row?.state !== 'trashed' || row.legalHold) return [];
      const versions = await this.documents.store.versions(orgId, id, undefined, 100_000);
      const blobs: Blob[] = [];
      for (const { sha256 } of versions) {
        const blob = await this.blobs.release(orgId, sha256);
        if (blob) blobs.push(blob, ...(await this.previews.release(orgId, blob)));
      }
      await row.update({ state: 'purged', title: '', filename: '', tags: '[]', meta: '{}', verificationNote: null });
      for (const table of ['document_links', 'document_versions', 'document_shares'])
        await this.hub.sequelize.query(`DELETE FROM ${table} WHERE org_id = :orgId AND document_id = :id`, {
          replacements: { orgId, id },
        });
      after.record({ action: 'document.purged', orgId, entity: { type: 'document', id }, branchId: row.branchId });
      return blobs;
    });
    for (const blob of freed) await this.filing.forget(orgId, blob);
  }

  private async stateOf(orgId: string, blob: Blob): Promise<'kept' | 'missing' | 'changed'> {
    const store = await this.blobs.storeOf(orgId, blob);
    if (!store) return 'missing';
    try {
      const { sha256 } = await digest(await store.get(blob.storageKey));
      return sha256 === blob.sha256 ? 'kept' : 'changed';
    } catch (error) {
      if (error instanceof FileMissing) return 'missing';
      throw error;
    }
  }

  /** The hub's own scanner, where it has one. */
  private async askOwn(bytes: Readable): Promise<boolean> {
    const { CLAMD_URL } = this.hub.config;
    if (CLAMD_URL === undefined) {
      bytes.destroy();
      return true;
    }
    const found = await askClamd(CLAMD_URL, bytes);
    if (found !== null) this.hub.log.warn({ found }, 'the scanner found something in a file');
    return found === null;
  }

  /** 200 and `{ "clean": true | false }` is a verdict; anything else is none. */
  private async ask(orgId: string, blob: Blob, mime: string): Promise<boolean> {
    const { storage } = this.hub.use(configuration);
    const place = blob.targetId === null ? storage.ownFolder(orgId) : await storage.placeOf(orgId, blob.targetId);
    if (!place) return true;
    const url = place.target?.scanUrl;
    if (!url) return this.askOwn(await place.store.get(blob.storageKey));
    const { status, text } = await this.hub.outgoing.text(url, {
      method: 'POST',
      headers: { 'content-type': mime, 'content-length': String(blob.size) },
      body: await place.store.get(blob.storageKey),
      timeoutMs: SCAN_MS,
    });
    const verdict: unknown = status === 200 ? JSON.parse(text) : null;
    if (typeof verdict === 'object' && verdict !== null && 'clean' in verdict && typeof verdict.clean === 'boolean')
      return verdict.clean;
    throw new Error(`the scanner answered ${status} and no verdict`);
  }
}
