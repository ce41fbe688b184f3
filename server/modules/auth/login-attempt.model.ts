import type { Attempt } from '@loro/contracts/auth-flows';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** Only ever added to; kept for ninety days. */
@Table({ tableName: 'login_attempts', underscored: true, timestamps: false })
export class LoginAttemptModel extends Model<
  InferAttributes<LoginAttemptModel>,
  InferCreationAttributes<LoginAttemptModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  /** Null of an address that nobody has. */
  @Column(DataType.CHAR(26)) declare orgId: string | null;
  @Column(DataType.CHAR(26)) declare userId: string | null;
  @Column(DataType.CHAR(64)) declare accountKey: string;
  @Column(DataType.STRING(45)) declare ip: string;
  @Column(DataType.STRING(200)) declare userAgent: string;
  @Column(DataType.STRING) declare outcome: Attempt['outcome'];
  @Column(DataType.STRING(40)) declare reason: string;
  @Column(DataType.DATE(3)) declare at: Date;

  toContract(): Attempt {
    const { id, userId, at, ip, userAgent, outcome, reason } = this;
    return { id, userId: userId ?? '', at: at.toISOString(), ip, userAgent, outcome, reason };
  }
}
