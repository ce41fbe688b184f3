import type { User } from '@loro/contracts/people';
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'users', underscored: true, timestamps: false })
export class UserModel extends Model<InferAttributes<UserModel>, InferCreationAttributes<UserModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(254)) declare email: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.STRING(16)) declare phone: CreationOptional<string | null>;
  @Column(DataType.STRING) declare status: User['status'];
  @Column(DataType.STRING) declare kind: User['kind'];
  @Column(DataType.CHAR(26)) declare homeBranchId: string | null;
  @Column(DataType.CHAR(26)) declare managerId: CreationOptional<string | null>;
  @Column(DataType.STRING(120)) declare jobTitle: string | null;
  @Column(DataType.STRING(40)) declare employeeNo: string | null;
  @Column(DataType.STRING(64)) declare timezone: CreationOptional<string | null>;
  @Column(DataType.STRING(35)) declare locale: CreationOptional<string | null>;
  @Column(DataType.CHAR(26)) declare avatarDocumentId: CreationOptional<string | null>;
  @Column(DataType.DATEONLY) declare startedOn: CreationOptional<string | null>;
  @Column(DataType.DATEONLY) declare endedOn: CreationOptional<string | null>;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  /** When the last invitation was sent. */
  @Column(DataType.DATE(3)) declare invitedAt: CreationOptional<Date | null>;
  @Column(DataType.DATE(3)) declare deactivatedAt: CreationOptional<Date | null>;
  /** What the person was before, for taking the deactivation back. */
  @Column(DataType.STRING) declare deactivatedFrom: CreationOptional<Exclude<User['status'], 'deactivated'> | null>;
  /** Forgotten for good. */
  @Column(DataType.DATE(3)) declare erasedAt: CreationOptional<Date | null>;
  @Column(DataType.DATE(3)) declare lastSeenAt: CreationOptional<Date | null>;
  @Column(DataType.INTEGER) declare version: number;

  toContract(): User {
    const { id, email, name, status, kind, homeBranchId, jobTitle, employeeNo, version } = this;
    return {
      id,
      email,
      name,
      phone: this.phone ?? null,
      status,
      kind,
      homeBranchId,
      managerId: this.managerId ?? null,
      jobTitle,
      employeeNo,
      timezone: this.timezone ?? null,
      locale: this.locale ?? null,
      avatarDocumentId: this.avatarDocumentId ?? null,
      startedOn: this.startedOn ?? null,
      endedOn: this.endedOn ?? null,
      deactivatedAt: this.deactivatedAt?.toISOString() ?? null,
      lastSeenAt: this.lastSeenAt?.toISOString() ?? null,
      version,
    };
  }
}
