import type { Allocation } from '@loro/contracts/branches-resources';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'resource_allocations', underscored: true, timestamps: false })
export class AllocationModel extends Model<InferAttributes<AllocationModel>, InferCreationAttributes<AllocationModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare resourceId: string;
  @Column(DataType.STRING) declare holderType: Allocation['holderType'];
  @Column(DataType.STRING(64)) declare holderId: string;
  @Column(DataType.INTEGER) declare quantity: number;
  @Column(DataType.DATE(3)) declare fromAt: Date;
  @Column(DataType.DATE(3)) declare toAt: Date | null;
  @Column(DataType.STRING(120)) declare note: string | null;

  toContract(): Allocation {
    const { id, resourceId, holderType, holderId, quantity, fromAt, toAt, note } = this;
    return {
      id,
      resourceId,
      holderType,
      holderId,
      quantity,
      note,
      from: fromAt.toISOString(),
      to: toAt?.toISOString() ?? null,
    };
  }
}
