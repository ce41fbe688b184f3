import type { Document, DocumentLink, DocumentVersion } from '@loro/contracts/documents';
import { type Hub, NotFound } from '../../platform';
import { DocumentModel } from './document.model';

export interface DocumentFilter {
  readonly orgId: string;
  readonly userId: string;
  /** Whose are seen beside one's own. */
  readonly reach: 'own' | 'org' | ReadonlySet<string>;
  readonly state?: Document['state'] | undefined;
  readonly tag?: string | undefined;
  readonly role?: string | undefined;
  /** What they are linked to; `isOpen` says that its room shows all of them. */
  readonly linkedTo?:
    | { readonly ownerType?: string | undefined; readonly ownerId: string; readonly isOpen: boolean }
    | undefined;
  readonly before?: string | undefined;
}

/** Rows of documents, their links and versions. */
export class DocumentsStore {
  constructor(private readonly hub: Hub) {}

  /** @throws NotFound */
  async find(orgId: string, id: string, lock = false): Promise<DocumentModel> {
    const row = await DocumentModel.findOne({ where: { orgId, id }, lock });
    if (!row || row.state === 'purged') throw new NotFound('This document');
    return row;
  }

  async list(filter: DocumentFilter, limit: number): Promise<Document[]> {
    const { orgId, userId, reach, state, tag, role, linkedTo, before } = filter;
    const where = ['d.org_id = :orgId', "d.state <> 'purged'"];
    if (reach !== 'org' && !linkedTo?.isOpen) {
      const seen = ['d.owner_id = :userId'];
      if (reach !== 'own')
        seen.push("d.visibility = 'org'", "(d.visibility = 'branch' AND d.branch_id IN (:branchIds))");
      where.push(`(${seen.join(' OR ')})`);
    }
    where.push(state === undefined ? "d.state <> 'trashed'" : 'd.state = :state');
    if (tag !== undefined) where.push('JSON_CONTAINS(d.tags, :tag)');
    if (before !== undefined) where.push('d.id < :before');
    if (linkedTo || role !== undefined)
      where.push(`EXISTS (SELECT 1 FROM document_links l WHERE l.org_id = d.org_id AND l.document_id = d.id
        ${linkedTo ? 'AND l.owner_id = :ownerId' : ''}
        ${linkedTo?.ownerType === undefined ? '' : 'AND l.owner_type = :ownerType'}
        ${role === undefined ? '' : 'AND l.role = :role'})`);
    const branchIds = typeof reach === 'string' ? [''] : ['', ...reach];
    const found = await this.hub.select<{ id: string }>(
      `SELECT d.id FROM documents d WHERE ${where.join(' AND ')} ORDER BY d.id DESC LIMIT :limit`,
      { orgId, userId, state, tag: JSON.stringify(tag ?? ''), before, role, ...linkedTo, branchIds, limit },
    );
    return this.present(
      orgId,
      found.map(({ id }) => id),
    );
  }

  /** As contract objects, in the order of their ids, newest first. */
  async present(orgId: string, ids: readonly string[]): Promise<Document[]> {
    if (ids.length === 0) return [];
    const rows = await DocumentModel.findAll({ where: { orgId, id: [...ids] }, order: [['id', 'DESC']] });
    const links = await this.hub.select<DocumentLink & { documentId: string }>(
      `SELECT document_id AS documentId, owner_type AS ownerType, owner_id AS ownerId, role FROM document_links
       WHERE org_id = :orgId AND document_id IN (:ids) ORDER BY document_id, owner_type, owner_id, role`,
      { orgId, ids },
    );
    return rows.map((row) =>
      row.toContract(
        links
          .filter(({ documentId }) => documentId === row.id)
          .map(({ ownerType, ownerId, role }) => ({ ownerType, ownerId, role })),
      ),
    );
  }

  async one(orgId: string, id: string): Promise<Document> {
    const [document] = await this.present(orgId, [id]);
    if (!document) throw new NotFound('This document');
    return document;
  }

  async addVersion(orgId: string, id: string, version: Omit<DocumentVersion, 'createdAt'>): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO document_versions (org_id, document_id, no, sha256, size, mime, note, created_by, created_at)
       VALUES (:orgId, :id, :no, :sha256, :size, :mime, :note, :createdBy, :now)`,
      { replacements: { orgId, id, now: this.hub.now(), ...version } },
    );
  }

  async versions(orgId: string, id: string, before: number | undefined, limit: number): Promise<DocumentVersion[]> {
    const rows = await this.hub.select<Omit<DocumentVersion, 'createdAt'> & { createdAt: Date }>(
      `SELECT no, size, sha256, mime, note, created_by AS createdBy, created_at AS createdAt FROM document_versions
       WHERE org_id = :orgId AND document_id = :id ${before === undefined ? '' : 'AND no < :before'}
       ORDER BY no DESC LIMIT :limit`,
      { orgId, id, before, limit },
    );
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  }

  /** @throws NotFound */
  async version(orgId: string, id: string, no: number): Promise<DocumentVersion> {
    const [version] = await this.versions(orgId, id, no + 1, 1);
    if (version?.no !== no) throw new NotFound('This version');
    return version;
  }

  async link(orgId: string, id: string, { ownerType, ownerId, role }: DocumentLink, linkedBy: string): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO document_links (org_id, document_id, owner_type, owner_id, role, linked_by, linked_at)
       VALUES (:orgId, :id, :ownerType, :ownerId, :role, :linkedBy, :now) ON DUPLICATE KEY UPDATE role = role`,
      { replacements: { orgId, id, ownerType, ownerId, role, linkedBy, now: this.hub.now() } },
    );
  }

  async unlink(orgId: string, id: string, { ownerType, ownerId, role }: DocumentLink): Promise<void> {
    await this.hub.sequelize.query(
      `DELETE FROM document_links WHERE org_id = :orgId AND document_id = :id AND owner_type = :ownerType
       AND owner_id = :ownerId AND role = :role`,
      { replacements: { orgId, id, ownerType, ownerId, role } },
    );
  }
}
