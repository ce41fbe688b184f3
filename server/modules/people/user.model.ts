import type { User } from '@loro/contracts/people';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'users', underscored: true, timestamps: false })
export class UserModel extends Model<InferAttributes<UserModel>, InferCreationAttributes<UserModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(254)) declare email: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.STRING) declare status: User['status'];
  @Column(DataType.STRING) declare kind: User['kind'];
  @Column(DataType.CHAR(26)) declare homeBranchId: string | null;
  @Column(DataType.STRING(120)) declare jobTitle: string | null;
  @Column(DataType.STRING(40)) declare employeeNo: string | null;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.INTEGER) declare version: number;

  toContract(): User {
    const { id, email, name, status, kind, homeBranchId, jobTitle, employeeNo, version } = this;
    return { id, email, name, status, kind, homeBranchId, jobTitle, employeeNo, version };
  }
}
