import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** A sign-in whose password was right, waiting for its second step. */
@Table({ tableName: 'factor_challenges', underscored: true, timestamps: false })
export class FactorChallengeModel extends Model<
  InferAttributes<FactorChallengeModel>,
  InferCreationAttributes<FactorChallengeModel>
> {
  @Column({ type: DataType.CHAR(64), primaryKey: true, field: 'token_sha256' }) declare tokenSha256: string;
  @Column(DataType.CHAR(26)) declare orgId: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  /** What the session is opened with, as JSON. */
  @Column(DataType.TEXT) declare opening: string;
  @Column(DataType.DATE(3)) declare expiresAt: Date;
  @Column(DataType.TINYINT) declare tries: number;
  @Column(DataType.DATE(3)) declare usedAt: Date | null;
}
