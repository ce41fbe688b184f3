import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'refresh_tokens', underscored: true, timestamps: false })
export class RefreshTokenModel extends Model<
  InferAttributes<RefreshTokenModel>,
  InferCreationAttributes<RefreshTokenModel>
> {
  @Column({ type: DataType.CHAR(64), primaryKey: true, field: 'token_sha256' }) declare tokenSha256: string;
  @Column(DataType.CHAR(26)) declare orgId: string;
  @Column(DataType.CHAR(26)) declare sessionId: string;
  @Column(DataType.STRING) declare status: 'active' | 'rotated' | 'revoked';
  @Column(DataType.DATE(3)) declare issuedAt: Date;
  @Column(DataType.DATE(3)) declare rotatedAt: Date | null;
  @Column({ type: DataType.CHAR(64), field: 'successor_sha256' }) declare successorSha256: string | null;
}
