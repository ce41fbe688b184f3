import type { ApiKey } from '@loro/contracts/auth-keys';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

const list = (text: string): string[] => JSON.parse(text);

@Table({ tableName: 'api_keys', underscored: true, timestamps: false })
export class ApiKeyModel extends Model<InferAttributes<ApiKeyModel>, InferCreationAttributes<ApiKeyModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  /** The service account. */
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column(DataType.CHAR(26)) declare createdBy: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.CHAR(8)) declare prefix: string;
  @Column(DataType.CHAR(64)) declare sha256: string;
  /** JSON. */
  @Column(DataType.TEXT) declare permissions: string;
  /** JSON. */
  @Column(DataType.TEXT) declare ipAllow: string;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare expiresAt: Date;
  @Column(DataType.DATE(3)) declare lastUsedAt: Date | null;
  @Column(DataType.DATE(3)) declare revokedAt: Date | null;
  @Column(DataType.INTEGER) declare version: number;

  toContract(): ApiKey {
    const { id, userId, name, prefix, createdBy, createdAt, expiresAt, lastUsedAt, version } = this;
    return {
      id,
      userId,
      name,
      prefix: `loro_k1_${prefix}`,
      permissions: list(this.permissions),
      ipAllow: list(this.ipAllow),
      createdBy,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
      version,
    };
  }
}
