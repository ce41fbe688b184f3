import type { RoleKey } from '@loro/contracts/access-roles';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'role_grants', underscored: true, timestamps: false })
export class RoleGrantModel extends Model<InferAttributes<RoleGrantModel>, InferCreationAttributes<RoleGrantModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare userId: string;
  @Column({ type: DataType.CHAR(36), primaryKey: true }) declare id: string;
  /** The name of a built-in role, or the id of a custom one. */
  @Column(DataType.STRING(40)) declare role: RoleKey;
  /** The same id, where the role is a custom one. */
  @Column(DataType.CHAR(26)) declare roleId: string | null;
  /** Where the role counts; null: at the person's home branch. */
  @Column(DataType.CHAR(26)) declare branchId: string | null;
  @Column(DataType.DATE(3)) declare grantedAt: Date;
  @Column(DataType.CHAR(26)) declare grantedBy: string | null;
  @Column(DataType.DATE(3)) declare expiresAt: Date | null;
}
