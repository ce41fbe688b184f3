import type { Team } from '@loro/contracts/people-teams';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'teams', underscored: true, timestamps: false })
export class TeamModel extends Model<InferAttributes<TeamModel>, InferCreationAttributes<TeamModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.CHAR(26)) declare branchId: string | null;
  @Column(DataType.CHAR(26)) declare leadId: string;
  @Column(DataType.INTEGER) declare version: number;

  toContract(): Team {
    const { id, name, branchId, leadId, version } = this;
    return { id, name, branchId, leadId, version };
  }
}

@Table({ tableName: 'team_members', underscored: true, timestamps: false })
export class TeamMemberModel extends Model<InferAttributes<TeamMemberModel>, InferCreationAttributes<TeamMemberModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare teamId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare userId: string;
  @Column({ type: DataType.DATE(3), primaryKey: true }) declare fromAt: Date;
  @Column(DataType.DATE(3)) declare toAt: Date | null;
}
