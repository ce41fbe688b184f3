import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'credentials', underscored: true, timestamps: false })
export class CredentialModel extends Model<InferAttributes<CredentialModel>, InferCreationAttributes<CredentialModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare userId: string;
  @Column(DataType.STRING(100)) declare passwordHash: string;
  @Column(DataType.DATE(3)) declare changedAt: Date;
}
