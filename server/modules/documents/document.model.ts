import { Document, type DocumentLink } from '@loro/contracts/documents';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

const Tags = Document.shape.tags;
const Meta = Document.shape.meta;

@Table({ tableName: 'documents', underscored: true, timestamps: false })
export class DocumentModel extends Model<InferAttributes<DocumentModel>, InferCreationAttributes<DocumentModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare ownerId: string;
  @Column(DataType.CHAR(26)) declare branchId: string | null;
  @Column(DataType.STRING(40)) declare purpose: Document['purpose'];
  @Column(DataType.STRING(255)) declare title: string;
  @Column(DataType.STRING(255)) declare filename: string;
  @Column(DataType.STRING(100)) declare mime: string;
  @Column(DataType.BIGINT) declare size: number;
  @Column(DataType.CHAR(64)) declare sha256: string;
  @Column(DataType.STRING(20)) declare state: Document['state'];
  @Column(DataType.STRING(20)) declare scan: Document['scan'];
  @Column(DataType.STRING(20)) declare verification: Document['verification'];
  @Column(DataType.CHAR(26)) declare verifiedBy: string | null;
  @Column(DataType.STRING(500)) declare verificationNote: string | null;
  @Column(DataType.STRING(20)) declare visibility: Document['visibility'];
  @Column(DataType.STRING(20)) declare classification: Document['classification'];
  /** JSON. */
  @Column(DataType.TEXT) declare tags: string;
  /** JSON. */
  @Column(DataType.TEXT) declare meta: string;
  @Column(DataType.INTEGER) declare currentNo: number;
  /** Part of every signed address; raising it ends those that were given out. */
  @Column(DataType.INTEGER) declare urlEpoch: number;
  @Column(DataType.BOOLEAN) declare legalHold: boolean;
  @Column(DataType.DATE(3)) declare retentionUntil: Date | null;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare deletedAt: Date | null;
  @Column(DataType.INTEGER) declare version: number;

  toContract(links: readonly DocumentLink[]): Document {
    const { id, ownerId, branchId, purpose, title, filename, mime, size, sha256, state, scan, verification } = this;
    const { verificationNote, visibility, classification, legalHold, version } = this;
    return {
      id,
      ownerId,
      branchId,
      purpose,
      title,
      filename,
      mime,
      size,
      sha256,
      state,
      scan,
      verification,
      verificationNote,
      visibility,
      classification,
      tags: Tags.parse(JSON.parse(this.tags)),
      meta: Meta.parse(JSON.parse(this.meta)),
      links: [...links],
      currentVersion: this.currentNo,
      legalHold,
      retentionUntil: this.retentionUntil?.toISOString() ?? null,
      createdAt: this.createdAt.toISOString(),
      deletedAt: this.deletedAt?.toISOString() ?? null,
      version,
    };
  }
}
