import type { Resource } from '@loro/contracts/branches-resources';
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'branch_resources', underscored: true, timestamps: false })
export class ResourceModel extends Model<InferAttributes<ResourceModel>, InferCreationAttributes<ResourceModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare branchId: string;
  @Column(DataType.STRING) declare kind: Resource['kind'];
  @Column(DataType.STRING(120)) declare label: string;
  @Column(DataType.STRING(20)) declare unit: string;
  @Column(DataType.INTEGER) declare capacity: number;
  /** 1 for those that are there: of these a branch has each label once. */
  @Column(DataType.TINYINT) declare liveMark: CreationOptional<number | null>;
  @Column(DataType.DATE(3)) declare removedAt: CreationOptional<Date | null>;
  @Column(DataType.INTEGER) declare version: number;

  toContract(allocated: number): Resource {
    const { id, branchId, kind, label, unit, capacity, version } = this;
    return { id, branchId, kind, label, unit, capacity, allocated, version };
  }
}
