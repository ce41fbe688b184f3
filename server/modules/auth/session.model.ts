import type { Session } from '@loro/contracts/auth';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'sessions', underscored: true, timestamps: false })
export class SessionModel extends Model<InferAttributes<SessionModel>, InferCreationAttributes<SessionModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column(DataType.STRING(120)) declare deviceName: string;
  @Column(DataType.STRING(45)) declare ip: string;
  @Column(DataType.STRING) declare state: 'active' | 'revoked' | 'expired' | 'compromised';
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare lastSeenAt: Date;
  @Column(DataType.DATE(3)) declare idleExpiresAt: Date;
  @Column(DataType.DATE(3)) declare absoluteExpiresAt: Date;

  toContract(currentId: string): Session {
    const { id, deviceName, ip, createdAt, lastSeenAt } = this;
    return {
      id,
      deviceName,
      ip,
      createdAt: createdAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      current: id === currentId,
    };
  }
}
