import type { TrustedDevice } from '@loro/contracts/auth-factors';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'trusted_devices', underscored: true, timestamps: false })
export class TrustedDeviceModel extends Model<
  InferAttributes<TrustedDeviceModel>,
  InferCreationAttributes<TrustedDeviceModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column({ type: DataType.CHAR(64), field: 'token_sha256' }) declare tokenSha256: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare lastUsedAt: Date;
  @Column(DataType.DATE(3)) declare expiresAt: Date;

  toContract(): TrustedDevice {
    const { id, name, createdAt, lastUsedAt, expiresAt } = this;
    return {
      id,
      name,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    };
  }
}
