import type { Membership } from '@loro/contracts/branches-members';
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'branch_memberships', underscored: true, timestamps: false })
export class MembershipModel extends Model<InferAttributes<MembershipModel>, InferCreationAttributes<MembershipModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.CHAR(26)) declare branchId: string;
  @Column(DataType.CHAR(26)) declare userId: string;
  @Column(DataType.STRING(120)) declare role: string | null;
  @Column(DataType.SMALLINT) declare fteCenti: number;
  @Column(DataType.BOOLEAN) declare isPrimary: boolean;
  @Column(DataType.DATEONLY) declare fromDate: string;
  @Column(DataType.DATEONLY) declare toDate: string | null;
  /** What was told and put in force of it so far. */
  @Column(DataType.STRING) declare state: 'planned' | 'current' | 'over';
  @Column(DataType.TINYINT) declare openMark: CreationOptional<number | null>;
  @Column(DataType.TINYINT) declare primaryMark: CreationOptional<number | null>;

  toContract(): Membership {
    const { id, branchId, userId, role, fteCenti, isPrimary, fromDate, toDate } = this;
    return { id, branchId, userId, role, fte: fteCenti / 100, isPrimary, from: fromDate, to: toDate };
  }
}

/** What the unique keys look at. */
export const marks = ({ toDate, isPrimary }: { toDate: string | null; isPrimary: boolean }) => ({
  openMark: toDate === null ? 1 : null,
  primaryMark: toDate === null && isPrimary ? 1 : null,
});
