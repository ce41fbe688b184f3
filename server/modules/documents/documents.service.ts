import {
  closeStaleDocument,
  type NewDocument,
  type Document,
  type DocumentChange,
  documentsLive,
} from '@loro/contracts/documents';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { branches } from '../branches';
import { DocumentModel } from './document.model';
import { documentsPolicy as policy, STALE_AFTER_MS } from './documents.policy';

interface DocumentQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
}

export class DocumentsService {
  constructor(private readonly hub: Hub) {}

  async create(actor: Actor, { branchId, name }: z.output<typeof NewDocument>): Promise<Document> {
    allow(actor, 'documents.manage', { branchId, what: 'This branch' });
    const { orgId, userId } = actor;
    if (!(await this.hub.use(branches).exists(orgId, branchId))) throw new NotFound('This branch');
    return this.hub.transact(async (after) => {
      const now = this.hub.now();
      const row = await DocumentModel.create({
        orgId,
        id: ulid(now.getTime()),
        branchId,
        name,
        status: 'open',
        createdBy: userId,
        createdAt: now,
        closedAt: null,
        version: 1,
      });
      const document = row.toContract();
      after.publish(documentsLive, 'document:created', { orgId, id: branchId }, document);
      after.enqueue(closeStaleDocument, { orgId, documentId: row.id }, { delayMs: STALE_AFTER_MS });
      return document;
    });
  }

  async rename(
    actor: Actor,
    documentId: string,
    version: number,
    { name }: z.output<typeof DocumentChange>,
  ): Promise<Document> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, documentId);
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this document meanwhile.', {
          current: row.toContract(),
        });

      await row.update({ name, version: version + 1 });
      const document = row.toContract();
      after.publish(documentsLive, 'document:renamed', { orgId, id: row.branchId }, document);
      return document;
    });
  }

  async close(actor: Actor, documentId: string): Promise<Document> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, documentId);
      if (!policy.mayClose(row)) throw new Conflict('DOCUMENT_CLOSED', 'It was closed earlier.');
      return this.markClosed(row, after);
    });
  }

  /** What the job asks for. Safe to run twice: the second time there is nothing left to close. */
  async closeStale(orgId: string, documentId: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await DocumentModel.findOne({ where: { orgId, id: documentId }, lock: true });
      if (row && policy.isStale(row, this.hub.now())) await this.markClosed(row, after);
    });
  }

  async get(actor: Actor, documentId: string): Promise<Document> {
    const row = await DocumentModel.findOne({ where: { orgId: actor.orgId, id: documentId } });
    if (!row) throw new NotFound('This document');
    allow(actor, 'documents.read', { branchId: row.branchId, what: 'This document' });
    return row.toContract();
  }

  async list(actor: Actor, { limit, cursor, branchId }: DocumentQuery): Promise<Page<Document>> {
    const { scope, branchIds } = reachOf(actor, 'documents.read');
    const before = this.hub.cursors.decode('documents', cursor);
    const where: WhereOptions = {
      orgId: actor.orgId,
      ...(branchId && { branchId }),
      ...(before && { id: { [Op.lt]: before[0] } }),
      ...(scope !== 'org' && { [Op.and]: [{ branchId: [...branchIds] }] }),
    };
    const rows = await DocumentModel.findAll({ where, order: [['id', 'DESC']], limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('documents', [id]),
      (row) => row.toContract(),
    );
  }

  /** What the right to hear a branch's documents is asked about. */
  async branchSubject(orgId: string, branchId: string): Promise<{ branchId: string } | null> {
    return (await this.hub.use(branches).exists(orgId, branchId)) ? { branchId } : null;
  }

  private async lock(actor: Actor, documentId: string): Promise<DocumentModel> {
    const row = await DocumentModel.findOne({ where: { orgId: actor.orgId, id: documentId }, lock: true });
    if (!row) throw new NotFound('This document');
    allow(actor, 'documents.manage', { branchId: row.branchId, what: 'This document' });
    return row;
  }

  private async markClosed(row: DocumentModel, after: After): Promise<Document> {
    await row.update({ status: 'closed', closedAt: this.hub.now(), version: row.version + 1 });
    const document = row.toContract();
    after.publish(documentsLive, 'document:closed', { orgId: row.orgId, id: row.branchId }, document);
    return document;
  }
}
