import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'credentials', underscored: true, timestamps: false })
export class CredentialModel extends Model<InferAttributes<CredentialModel>, InferCreationAttributes<CredentialModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare userId: string;
  @Column(DataType.STRING(100)) declare passwordHash: string;
  @Column(DataType.DATE(3)) declare changedAt: Date;
  /** An administrator had a reason: the password opens nothing until its owner sets another. */
  @Column(DataType.BOOLEAN) declare mustChange: CreationOptional<boolean>;
  /** Too many wrong ones came; since then it opens nothing but from trusted devices. */
  @Column(DataType.DATE(3)) declare lockedAt: CreationOptional<Date | null>;
  /** Wrong ones before this are forgiven. */
  @Column(DataType.DATE(3)) declare failuresSince: CreationOptional<Date | null>;
}
