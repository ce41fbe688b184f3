import {
  type Document,
  type DocumentChange,
  type DocumentLink,
  documentsLive,
  type DocumentVersion,
} from '@loro/contracts/documents';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Forbidden,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  reachOf,
} from '../../platform';
import type { DocumentModel } from './document.model';
import { mayChange, reaches } from './documents.policy';
import { DocumentsStore } from './documents.store';

interface DocumentQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly ownerType?: string | undefined;
  readonly ownerId?: string | undefined;
  readonly role?: string | undefined;
  readonly state?: Document['state'] | undefined;
  readonly tag?: string | undefined;
}

/** Whether the room of a thing lets an actor see it, and thereby what is linked to it. */
export type SeesThing = (actor: Actor, ownerId: string) => Promise<boolean>;

/** Documents: found, changed, linked, verified. `Filing` takes them in, `Contents` opens them, `Keeping` removes them. */
export class DocumentsService {
  readonly store: DocumentsStore;
  private readonly things = new Map<string, SeesThing>();

  constructor(private readonly hub: Hub) {
    this.store = new DocumentsStore(hub);
  }

  /** Rooms say who sees their things, so that documents linked to one are seen with it. */
  linksTo(ownerType: string, sees: SeesThing): void {
    this.things.set(ownerType, sees);
  }

  async list(actor: Actor, { limit, cursor, ownerType, ownerId, ...query }: DocumentQuery): Promise<Page<Document>> {
    const { scope, branchIds } = reachOf(actor, 'documents.read');
    const before = this.hub.cursors.decode('documents', cursor)?.[0];
    const linkedTo =
      ownerId === undefined
        ? undefined
        : { ownerType, ownerId, isOpen: (await this.things.get(ownerType ?? '')?.(actor, ownerId)) ?? false };
    const found = await this.store.list(
      {
        orgId: actor.orgId,
        userId: actor.userId,
        reach: scope === 'org' ? 'org' : scope === 'branch' || scope === 'subtree' ? branchIds : 'own',
        ...query,
        linkedTo,
        before: before === undefined ? undefined : String(before),
      },
      limit + 1,
    );
    return pageOf(
      found,
      limit,
      ({ id }) => this.hub.cursors.encode('documents', [id]),
      (document) => document,
    );
  }

  async get(actor: Actor, documentId: string): Promise<Document> {
    return (await this.mustRead(actor, documentId)).document;
  }

  async versions(
    actor: Actor,
    documentId: string,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<DocumentVersion>> {
    await this.mustRead(actor, documentId);
    const before = this.hub.cursors.decode('document-versions', cursor)?.[0];
    return pageOf(
      await this.store.versions(actor.orgId, documentId, before === undefined ? undefined : Number(before), limit + 1),
      limit,
      ({ no }) => this.hub.cursors.encode('document-versions', [no]),
      (version) => version,
    );
  }

  async change(
    actor: Actor,
    documentId: string,
    version: number,
    given: z.output<typeof DocumentChange>,
  ): Promise<Document> {
    await this.mustWrite(actor, documentId);
    const { tags, ...rest } = given;
    return this.edit(actor, documentId, 'changed', version, (row) => ({
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
      ...(tags && { tags: JSON.stringify(tags) }),
      // Whoever lost sight of it must not come back by an address of before.
      ...(given.visibility !== undefined && given.visibility !== row.visibility && { urlEpoch: row.urlEpoch + 1 }),
    }));
  }

  async addLink(actor: Actor, documentId: string, link: DocumentLink): Promise<Document> {
    await this.mustWrite(actor, documentId);
    await this.mustSee(actor, link);
    return this.relink(actor, documentId, 'linked', () => this.store.link(actor.orgId, documentId, link, actor.userId));
  }

  async removeLink(actor: Actor, documentId: string, link: DocumentLink): Promise<void> {
    await this.mustWrite(actor, documentId);
    await this.relink(actor, documentId, 'unlinked', () => this.store.unlink(actor.orgId, documentId, link));
  }

  async verify(actor: Actor, documentId: string, decision: 'verified' | 'rejected', note: string): Promise<Document> {
    const { document } = await this.mustRead(actor, documentId);
    const { branchId, ownerId } = document;
    allow(actor, 'documents.verify', branchId === null ? {} : { branchId, what: 'This document' });
    if (ownerId === actor.userId) throw new Forbidden('SELF_VERIFICATION', 'Somebody else has to verify it.');
    return this.edit(actor, documentId, decision, undefined, () => ({
      verification: decision,
      verifiedBy: actor.userId,
      verificationNote: note === '' ? null : note,
    }));
  }

  /** A document that the actor may see, with its row. @throws NotFound */
  async mustRead(actor: Actor, documentId: string): Promise<{ row: DocumentModel; document: Document }> {
    const reach = reachOf(actor, 'documents.read');
    const row = await this.store.find(actor.orgId, documentId);
    const document = await this.store.one(actor.orgId, documentId);
    if (!reaches(actor.userId, reach, row) && !(await this.seesBy(actor, document.links)))
      throw new NotFound('This document');
    return { row, document };
  }

  /** @throws NotFound for one that cannot be seen, Forbidden for one that can */
  async mustWrite(actor: Actor, documentId: string): Promise<Document> {
    const { document } = await this.mustRead(actor, documentId);
    if (!mayChange(actor.userId, reachOf(actor, 'documents.write'), document))
      throw new Forbidden('FORBIDDEN', 'This document is somebody else’s.');
    return document;
  }

  /** One change of a row, told and recorded. */
  async edit(
    actor: Actor,
    documentId: string,
    what: string,
    version: number | undefined,
    change: (row: DocumentModel) => Partial<DocumentModel['_attributes']>,
  ): Promise<Document> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, documentId, version);
      const before = await this.store.one(actor.orgId, documentId);
      await row.update({ ...change(row), version: row.version + 1 });
      return this.tell(actor.orgId, documentId, what, before, after);
    });
  }

  async tell(orgId: string, id: string, what: string, before: Document | undefined, after: After): Promise<Document> {
    const document = await this.store.one(orgId, id);
    after.publish(documentsLive, 'document:changed', { orgId, id: document.ownerId }, document);
    after.record({
      action: `document.${what}`,
      orgId,
      entity: { type: 'document', id },
      branchId: document.branchId,
      ...(before && { before }),
      after: document,
      personal: ['title', 'filename', 'verificationNote'],
    });
    return document;
  }

  private relink(actor: Actor, documentId: string, what: string, change: () => Promise<void>): Promise<Document> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, documentId);
      const before = await this.store.one(actor.orgId, documentId);
      await change();
      await row.update({ version: row.version + 1 });
      return this.tell(actor.orgId, documentId, what, before, after);
    });
  }

  /** @throws HubError VERSION_CONFLICT */
  async lock(actor: Actor, documentId: string, version?: number): Promise<DocumentModel> {
    const row = await this.store.find(actor.orgId, documentId, true);
    if (version !== undefined && row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this document meanwhile.', {
        current: await this.store.one(actor.orgId, documentId),
      });
    return row;
  }

  private async seesBy(actor: Actor, links: readonly DocumentLink[]): Promise<boolean> {
    for (const { ownerType, ownerId } of links) if (await this.things.get(ownerType)?.(actor, ownerId)) return true;
    return false;
  }

  /** Only a thing that one sees can be given a document; of kinds that no room shows, nobody knows better. */
  async mustSee(actor: Actor, { ownerType, ownerId }: DocumentLink): Promise<void> {
    const sees = this.things.get(ownerType);
    if (sees && !(await sees(actor, ownerId))) throw new NotFound('What it should be linked to');
  }
}
