import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** A role of an organisation's own. */
@Table({ tableName: 'roles', underscored: true, timestamps: false })
export class RoleModel extends Model<InferAttributes<RoleModel>, InferCreationAttributes<RoleModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.STRING(500)) declare description: string;
  @Column(DataType.CHAR(26)) declare createdBy: string;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.INTEGER) declare version: number;
}
