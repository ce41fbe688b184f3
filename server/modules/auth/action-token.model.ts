import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

export type Purpose =
  | 'verify-email'
  | 'set-up'
  | 'reset-password'
  | 'invite'
  | 'unlock'
  | 'change-email'
  | 'recover-factor';

@Table({ tableName: 'action_tokens', underscored: true, timestamps: false })
export class ActionTokenModel extends Model<
  InferAttributes<ActionTokenModel>,
  InferCreationAttributes<ActionTokenModel>
> {
  @Column({ type: DataType.CHAR(64), primaryKey: true }) declare tokenSha256: string;
  /** Null of somebody who signs up and has no account yet. */
  @Column(DataType.CHAR(26)) declare orgId: string | null;
  @Column(DataType.CHAR(26)) declare userId: string | null;
  /** Where the link went; of a change of address, the new one. */
  @Column(DataType.STRING(254)) declare email: string;
  @Column(DataType.STRING) declare purpose: Purpose;
  /** The job that made it, which may run twice. */
  @Column(DataType.CHAR(26)) declare cause: string | null;
  @Column(DataType.STRING(45)) declare ip: string;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare expiresAt: Date;
  /** Used, or void because a newer one was made. */
  @Column(DataType.DATE(3)) declare usedAt: Date | null;
}
