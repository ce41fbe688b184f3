import type { LicenseState, LicenseType, Overage, Override } from '@loro/contracts/licensing-values';
import type { InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';
import type { RenewalBasis } from './periods.policy';

@Table({ tableName: 'licenses', underscored: true, timestamps: false })
export class LicenseModel extends Model<InferAttributes<LicenseModel>, InferCreationAttributes<LicenseModel>> {
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare orgId: string;
  @Column({ type: DataType.CHAR(26), primaryKey: true }) declare id: string;
  @Column(DataType.STRING) declare type: LicenseType;
  @Column(DataType.CHAR(26)) declare planVersionId: string;
  @Column(DataType.DATE(3)) declare startsAt: Date;
  @Column(DataType.DATE(3)) declare expiresAt: Date | null;
  /** When the term under way began. */
  @Column(DataType.DATE(3)) declare termStart: Date;
  @Column(DataType.DATE(3)) declare maintenanceUntil: Date | null;
  @Column(DataType.INTEGER) declare graceDays: number;
  @Column(DataType.STRING) declare overage: Overage;
  @Column(DataType.BOOLEAN) declare renewalAuto: boolean;
  @Column(DataType.STRING) declare renewalBasis: RenewalBasis;
  @Column(DataType.INTEGER) declare anchorDay: number;
  @Column(DataType.TEXT) declare overrides: string;
  @Column(DataType.BOOLEAN) declare trialExtended: boolean;
  @Column(DataType.CHAR(26)) declare nextPlanVersionId: string | null;
  @Column(DataType.DATE(3)) declare nextPlanAt: Date | null;
  @Column(DataType.DATE(3)) declare suspendedAt: Date | null;
  @Column(DataType.STRING) declare suspendReason: string | null;
  @Column(DataType.DATE(3)) declare revokedAt: Date | null;
  @Column(DataType.STRING) declare revokeReason: string | null;
  @Column(DataType.CHAR(26)) declare resellerId: string | null;
  /** When the file was signed that it stands on; null for a licence of this hub. */
  @Column(DataType.DATE(3)) declare fileIssuedAt: Date | null;
  /** Another one took its place. */
  @Column(DataType.DATE(3)) declare endedAt: Date | null;
  /** The organisation, while it is its licence: a unique key lets each have one. */
  @Column(DataType.CHAR(26)) declare currentFor: string | null;
  /** The state that everybody was told of last. */
  @Column(DataType.STRING) declare toldState: LicenseState | null;
  /** When something is to be told next; null: never by itself. */
  @Column(DataType.DATE(3)) declare lookAt: Date | null;
  @Column(DataType.INTEGER) declare fv: number;
  @Column(DataType.DATE(3)) declare createdAt: Date;
  @Column(DataType.INTEGER) declare version: number;
}

/** A licence as it is kept. */
export type LicenseRow = InferAttributes<LicenseModel>;

export const exceptionsOf = ({ overrides }: Pick<LicenseRow, 'overrides'>): Override[] =>
  // Written by this room from the very type that it is read back as.
  JSON.parse(overrides) as Override[];
