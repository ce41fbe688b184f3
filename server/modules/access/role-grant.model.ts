import type { BuiltInRole } from '@loro/contracts/kit/permissions';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'role_grants', underscored: true, timestamps: false })
export class RoleGrantModel extends Model<InferAttributes<RoleGrantModel>, InferCreationAttributes<RoleGrantModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare userId: string;
  @Column({ type: DataType.STRING(40), primaryKey: true }) declare role: BuiltInRole;
  /** Where the role counts; null: at the person's home branch. */
  @Column(DataType.CHAR(26)) declare branchId: string | null;
  @Column(DataType.DATE(3)) declare grantedAt: Date;
}
