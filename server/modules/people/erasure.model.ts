import type { Erasure } from '@loro/contracts/people-me';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'erasures', underscored: true, timestamps: false })
export class ErasureModel extends Model<InferAttributes<ErasureModel>, InferCreationAttributes<ErasureModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column(DataType.STRING) declare status: Erasure['status'];
  /** 1 while it is open, so that a unique key lets a person have one. */
  @Column(DataType.TINYINT) declare openMark: 1 | null;
  @Column(DataType.STRING(500)) declare reason: string | null;
  @Column(DataType.DATE(3)) declare requestedAt: Date;
  @Column(DataType.CHAR(26)) declare decidedBy: string | null;
  @Column(DataType.DATE(3)) declare decidedAt: Date | null;
  @Column(DataType.STRING(500)) declare answer: string | null;

  toContract(): Erasure {
    const { id, userId, status, reason, requestedAt, decidedBy, decidedAt, answer } = this;
    return {
      id,
      userId,
      status,
      reason,
      requestedAt: requestedAt.toISOString(),
      decidedBy,
      decidedAt: decidedAt?.toISOString() ?? null,
      answer,
    };
  }
}
