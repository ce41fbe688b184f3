import { Approver, type Half, type LeaveRequest, type LeaveState } from '@loro/contracts/leave-values';
import type { CreationOptional, InferAttributes, InferCreationAttributes, NonAttribute } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';
import { z } from 'zod';

@Table({ tableName: 'leave_requests', underscored: true, timestamps: false })
export class LeaveRequestModel extends Model<
  InferAttributes<LeaveRequestModel>,
  InferCreationAttributes<LeaveRequestModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column(DataType.CHAR(26)) declare typeId: string;
  @Column(DataType.CHAR(26)) declare branchId: string | null;
  @Column(DataType.DATEONLY) declare fromDate: string;
  @Column(DataType.DATEONLY) declare toDate: string;
  @Column(DataType.STRING) declare firstHalf: Half | null;
  @Column(DataType.STRING) declare lastHalf: Half | null;
  @Column(DataType.SMALLINT) declare minutes: number | null;
  @Column(DataType.INTEGER) declare milliDays: number;
  @Column(DataType.STRING) declare state: LeaveState;
  @Column(DataType.TEXT) declare approvers: string;
  @Column(DataType.STRING(500)) declare reason: string | null;
  @Column(DataType.TEXT) declare documentIds: string;
  @Column(DataType.CHAR(26)) declare requestedBy: string;
  @Column(DataType.DATE(3)) declare requestedAt: Date | null;
  @Column(DataType.CHAR(26)) declare decidedBy: CreationOptional<string | null>;
  @Column(DataType.DATE(3)) declare decidedAt: CreationOptional<Date | null>;
  @Column(DataType.STRING(500)) declare note: CreationOptional<string | null>;
  @Column(DataType.INTEGER) declare version: CreationOptional<number>;

  get chain(): NonAttribute<Approver[]> {
    return z.array(Approver).parse(JSON.parse(this.approvers));
  }

  get documents(): NonAttribute<string[]> {
    return z.array(z.string()).parse(JSON.parse(this.documentIds));
  }

  toContract({ userName, typeCode }: { userName: string; typeCode: string }): LeaveRequest {
    const { id, userId, branchId, typeId, firstHalf, lastHalf, minutes, milliDays, state, reason, requestedBy } = this;
    return {
      id,
      userId,
      userName,
      branchId,
      typeId,
      typeCode,
      from: this.fromDate,
      to: this.toDate,
      firstHalf,
      lastHalf,
      minutes,
      milliDays,
      state,
      approvers: this.chain,
      reason,
      documentIds: this.documents,
      requestedBy,
      requestedAt: this.requestedAt?.toISOString() ?? null,
      decidedBy: this.decidedBy ?? null,
      decidedAt: this.decidedAt?.toISOString() ?? null,
      note: this.note ?? null,
      version: this.version ?? 1,
    };
  }
}
