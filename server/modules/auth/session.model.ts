import type { Session } from '@loro/contracts/auth';
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

export type SessionState = 'active' | 'revoked' | 'expired' | 'compromised';

@Table({ tableName: 'sessions', underscored: true, timestamps: false })
export class SessionModel extends Model<InferAttributes<SessionModel>, InferCreationAttributes<SessionModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column(DataType.STRING) declare kind: 'web' | 'mobile';
  /** What the client calls its device; its refresh tokens count on it alone. */
  @Column(DataType.STRING(64)) declare deviceId: string | null;
  @Column(DataType.STRING(120)) declare deviceName: string;
  @Column(DataType.STRING(200)) declare userAgent: string;
  @Column(DataType.STRING(45)) declare ip: string;
  /** How the person proved who it is, as RFC 8176 names it, separated by blanks. */
  @Column(DataType.STRING(60)) declare amr: string;
  /** When it last did. */
  @Column(DataType.DATE(3)) declare authTime: Date;
  @Column(DataType.STRING) declare state: SessionState;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.DATE(3)) declare lastSeenAt: Date;
  @Column(DataType.DATE(3)) declare idleExpiresAt: Date;
  @Column(DataType.DATE(3)) declare absoluteExpiresAt: Date;
  @Column(DataType.DATE(3)) declare endedAt: Date | null;
  @Column(DataType.STRING(40)) declare endReason: string | null;
  /** Who acts in it in the person’s place. */
  @Column(DataType.CHAR(26)) declare impersonatorId: CreationOptional<string | null>;

  isOver(now: Date): boolean {
    return this.idleExpiresAt <= now || this.absoluteExpiresAt <= now;
  }

  toContract(currentId: string): Session {
    const { id, kind, deviceId, deviceName, userAgent, ip, amr, authTime, createdAt, lastSeenAt } = this;
    return {
      id,
      kind,
      deviceId,
      deviceName,
      userAgent,
      ip,
      amr: amr.split(' '),
      authenticatedAt: authTime.toISOString(),
      createdAt: createdAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      expiresAt: (this.idleExpiresAt < this.absoluteExpiresAt
        ? this.idleExpiresAt
        : this.absoluteExpiresAt
      ).toISOString(),
      current: id === currentId,
    };
  }
}
