import type { PlanVersion } from '@loro/contracts/licensing-plans';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

@Table({ tableName: 'plan_versions', underscored: true, timestamps: false })
export class PlanVersionModel extends Model<
  InferAttributes<PlanVersionModel>,
  InferCreationAttributes<PlanVersionModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING(40)) declare code: string;
  @Column(DataType.INTEGER) declare planVersion: number;
  @Column(DataType.STRING(120)) declare name: string;
  @Column(DataType.CHAR(3)) declare currency: string;
  @Column(DataType.BIGINT) declare priceMinor: number;
  @Column(DataType.STRING) declare term: PlanVersion['interval'];
  @Column(DataType.INTEGER) declare termDays: number | null;
  @Column(DataType.INTEGER) declare graceDays: number;
  @Column(DataType.INTEGER) declare trialDays: number;
  @Column(DataType.BOOLEAN) declare isPublic: boolean;
  @Column(DataType.INTEGER) declare planRank: number;
  @Column(DataType.DATE(3)) declare publishedAt: Date | null;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.INTEGER) declare version: number;
  /** The plan, while it is a draft: each has one at a time. */
  @Column(DataType.STRING(40)) declare draftOf: string | null;
}

@Table({ tableName: 'plan_features', underscored: true, timestamps: false })
export class PlanFeatureModel extends Model<
  InferAttributes<PlanFeatureModel>,
  InferCreationAttributes<PlanFeatureModel>
> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare planVersionId: string;
  @Column({ type: DataType.STRING, primaryKey: true }) declare kind: 'boolean' | 'limit' | 'quota';
  @Column({ type: DataType.STRING(40), primaryKey: true }) declare feature: string;
  @Column(DataType.BIGINT) declare value: number | null;
}
