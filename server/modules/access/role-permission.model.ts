import type { Scope } from '@loro/contracts/kit/permissions';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'role_permissions', underscored: true, timestamps: false })
export class RolePermissionModel extends Model<
  InferAttributes<RolePermissionModel>,
  InferCreationAttributes<RolePermissionModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare roleId: string;
  @Column({ type: DataType.STRING(80), primaryKey: true }) declare permission: string;
  @Column(DataType.STRING(10)) declare scope: Scope;
}
