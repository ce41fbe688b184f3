import type { OwnershipTransfer } from '@loro/contracts/people-organisation';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'ownership_transfers', underscored: true, timestamps: false })
export class OwnershipTransferModel extends Model<
  InferAttributes<OwnershipTransferModel>,
  InferCreationAttributes<OwnershipTransferModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare fromUserId: string;
  @Column(DataType.CHAR(26)) declare toUserId: string;
  @Column(DataType.STRING) declare status: OwnershipTransfer['status'];
  /** 1 while it is open, so that a unique key lets an organisation have one. */
  @Column(DataType.TINYINT) declare openMark: 1 | null;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare expiresAt: Date;

  toContract(): OwnershipTransfer {
    const { id, fromUserId, toUserId, status, createdAt, expiresAt } = this;
    return {
      id,
      fromUserId,
      toUserId,
      status,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    };
  }
}
