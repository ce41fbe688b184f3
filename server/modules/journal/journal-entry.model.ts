import type { JournalEntry } from '@loro/contracts/journal';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'journal', underscored: true, timestamps: false })
export class JournalEntryModel extends Model<
  InferAttributes<JournalEntryModel>,
  InferCreationAttributes<JournalEntryModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare branchId: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.ENUM('open', 'closed')) declare status: JournalEntry['status'];
  @Column(DataType.CHAR(26)) declare createdBy: string;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare closedAt: Date | null;
  @Column(DataType.INTEGER) declare version: number;

  toContract(): JournalEntry {
    const { id, branchId, name, status, createdBy, createdAt, closedAt, version } = this;
    return {
      id,
      branchId,
      name,
      status,
      createdBy,
      createdAt: createdAt.toISOString(),
      closedAt: closedAt?.toISOString() ?? null,
      version,
    };
  }
}
