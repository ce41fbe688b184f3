import type { LicenseKey } from '@loro/contracts/licensing-licenses';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'license_keys', underscored: true, timestamps: false })
export class LicenseKeyModel extends Model<InferAttributes<LicenseKeyModel>, InferCreationAttributes<LicenseKeyModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare licenseId: string;
  @Column(DataType.STRING(12)) declare prefix: string;
  @Column(DataType.CHAR(64)) declare sha256: string;
  @Column(DataType.DATE(3)) declare issuedAt: Date;
  @Column(DataType.DATE(3)) declare revokedAt: Date | null;

  toContract(): LicenseKey {
    const { id, prefix, issuedAt, revokedAt } = this;
    return { id, prefix, issuedAt: issuedAt.toISOString(), revokedAt: revokedAt?.toISOString() ?? null };
  }
}
