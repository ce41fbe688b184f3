import { LeavePolicy, type LeaveType } from '@loro/contracts/leave-values';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'leave_types', underscored: true, timestamps: false })
export class LeaveTypeModel extends Model<InferAttributes<LeaveTypeModel>, InferCreationAttributes<LeaveTypeModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(32)) declare code: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.STRING) declare unit: LeaveType['unit'];
  @Column(DataType.BOOLEAN) declare isPaid: boolean;
  @Column(DataType.BOOLEAN) declare needsBalance: boolean;
  @Column(DataType.DATEONLY) declare startsOn: string;
  @Column(DataType.BOOLEAN) declare isTimeOff: boolean;
  /** What the unique key looks at: one type in use gets time off in lieu. */
  @Column(DataType.TINYINT) declare timeOffMark: number | null;
  /** JSON as text: MariaDB keeps JSON columns as text, MySQL does not. */
  @Column(DataType.TEXT) declare policy: string;
  @Column(DataType.BOOLEAN) declare isActive: boolean;
  @Column(DataType.INTEGER) declare version: number;

  toContract(): LeaveType {
    const { id, code, name, unit, isPaid, needsBalance, startsOn, isTimeOff, isActive, version } = this;
    const policy = LeavePolicy.parse(JSON.parse(this.policy));
    return { id, code, name, unit, isPaid, needsBalance, isTimeOff, startsOn, isActive, ...policy, version };
  }
}

/** The policy among the fields of a type. */
export const policyOf = (fields: LeavePolicy): LeavePolicy => LeavePolicy.strip().parse(fields);
